package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.flow.BatchPlan;
import io.penstock.flow.Flow;
import io.penstock.flow.FlowId;
import io.penstock.job.Backoff;
import io.penstock.job.Enqueued;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import io.penstock.job.Unique;
import io.penstock.outbox.Outbox;
import io.penstock.payload.KeyRing;
import io.penstock.payload.PayloadConfig;
import io.penstock.queue.EnqueueSummary;
import io.penstock.queue.QueueCounts;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.Rate;
import io.penstock.runtime.Clock;
import io.penstock.schedule.Schedule;
import io.penstock.worker.ChunkConfig;
import io.penstock.worker.Handler;
import io.penstock.worker.WorkerConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;

/** An application that uses everything: a queue, a worker of ten and a handler that does nothing for each feature. */
final class Showcase implements AutoCloseable {
    /** Far more than any of this takes; what hangs must say so. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final long LOOK_NANOS = 200_000;
    private static final long COUNT_NANOS = 2_000_000;
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final int FLOW_JOBS = 5;
    private static final int OUTBOX_ROWS = 500;
    private static final int AWAITED_AT_ONCE = 1_000;
    private static final int FIRING = 500;
    private static final String PROGRAM = "bench";

    private final Clock clock = Clock.system();
    private final Penstock penstock;
    private final Outbox outbox;
    private final JdbcDataSource database = new JdbcDataSource();
    private final String small;
    private final String large = "{\"name\":\"some text\",\"number\":12345},".repeat(56);
    private final AtomicLong handled = new AtomicLong();
    private final List<Feature> all = new ArrayList<>();

    Showcase(String uri, int payload, int jobs) throws SQLException {
        small = Mail.filling(payload);
        penstock = Penstock.connect(PenstockConfig.of(uri));
        database.setURL("jdbc:h2:mem:penstock-bench;DB_CLOSE_DELAY=-1");
        outbox = Outbox.create(database, penstock);
        outbox.createTables();
        outbox.start();
        simple(jobs);
        limited(jobs);
        composed(jobs);
        paused(jobs / 4);
        sealed(uri, jobs / 2);
        beside(jobs / 2);
    }

    List<Feature> features() {
        return all;
    }

    private void simple(int jobs) {
        JobType<Mail> plain = type("plain", (mail, ctx) -> handled.incrementAndGet());
        add(Features.PLAIN, jobs, n -> bulk(plain, n, (i, o) -> o));
        add("plain, one call a job", jobs / 4, n -> singly(plain, n));
        add("delayed 50 ms", jobs, n -> bulk(plain, n, (i, o) -> o.in(SHORT)));
        add("unique key", jobs, n -> bulk(plain, n, (i, o) -> o.unique(Unique.whilePending("k" + i))));
        JobType<Mail> giving = type("result", (mail, ctx) -> {
            ctx.result(mail.userId());
            handled.incrementAndGet();
        });
        add("result kept", jobs, n -> bulk(giving, n, (i, o) -> o));
        JobType<Mail> failing = type("retry", RetryPolicy.of(Backoff.fixed(SHORT), 3), (mail, ctx) -> {
            if (ctx.attempt() == 1) {
                throw new IllegalStateException("planned");
            }
            handled.incrementAndGet();
        });
        add("failed once, run again", jobs / 4, n -> bulk(failing, n, (i, o) -> o));
    }

    private void limited(int jobs) {
        JobType<Mail> gated = type("gate", (mail, ctx) -> handled.incrementAndGet());
        add("group, one", jobs, n -> bulk(gated, n, (i, o) -> o.group("a")));
        add("group, 100", jobs, n -> bulk(gated, n, (i, o) -> o.group("g" + i % 100)));
        JobType<Mail> most = type("active", (mail, ctx) -> handled.incrementAndGet());
        penstock.queue(most.queue()).configure(QueueSettings.DEFAULT.running(100, null));
        add("queue of at most 100 running", jobs, n -> bulk(most, n, (i, o) -> o));
        JobType<Mail> rated = type("rate", (mail, ctx) -> handled.incrementAndGet());
        penstock.queue(rated.queue())
                .configure(QueueSettings.DEFAULT.running(0, new Rate(1_000_000, Duration.ofSeconds(1))));
        add("queue with a rate", jobs, n -> bulk(rated, n, (i, o) -> o));
        JobType<Mail> keyed = type("key", (mail, ctx) -> handled.incrementAndGet());
        add("mutex, 1,000 keys", jobs, n -> bulk(keyed, n, (i, o) -> o.limit("k" + i % 1_000, 1)));
        add("10 permits, 1,000 keys", jobs, n -> bulk(keyed, n, (i, o) -> o.limit("n" + i % 1_000, 10)));
    }

    private void composed(int jobs) {
        JobType<Mail> node = type("flow", (mail, ctx) -> handled.incrementAndGet());
        int flows = jobs / 4 / FLOW_JOBS * FLOW_JOBS;
        add("flow, 1 parent and 4 children", flows, n -> flows(node, n, () -> family(node)));
        add("chain of 5", flows, n -> flows(node, n, () -> chain(node)));
        JobType<Mail> row = type("batch", (mail, ctx) -> handled.incrementAndGet());
        add("batch with a callback", jobs, n -> batch(row, n));
        JobType<Mail> chunked = Mail.to("bench-chunk");
        penstock.handleChunk(
                chunked,
                ChunkConfig.of(100),
                chunk -> handled.addAndGet(chunk.items().size()));
        work(penstock, chunked);
        add("chunks of 100", jobs, n -> bulk(chunked, n, (i, o) -> o));
    }

    private void paused(int jobs) {
        JobType<Mail> step = type("step", (mail, ctx) -> {
            ctx.step("part", () -> mail.userId());
            handled.incrementAndGet();
        });
        add("one step", jobs, n -> bulk(step, n, (i, o) -> o));
        JobType<Mail> snooze = type("snooze", (mail, ctx) -> {
            if (ctx.deliveries() == 1) {
                throw ctx.snooze(SHORT);
            }
            handled.incrementAndGet();
        });
        add("snoozed once, 50 ms", jobs, n -> bulk(snooze, n, (i, o) -> o));
        JobType<Mail> signal = type("signal", (mail, ctx) -> {
            ctx.awaitSignal("go", Duration.ofHours(1), Boolean.class);
            handled.incrementAndGet();
        });
        add("waits for a signal, gets it", jobs / 4, n -> signalled(signal, n));
    }

    private void sealed(String uri, int jobs) {
        KeyRing ring = KeyRing.of("bench", new byte[32]);
        sealed("encrypted", jobs, small, PenstockConfig.of(uri).payloads(PayloadConfig.PLAIN.encrypt(ring)));
        JobType<Mail> plain = type("large", (mail, ctx) -> handled.incrementAndGet());
        add("plain, payload of 2 KiB", jobs, n -> bulk(penstock, plain, n, large, (i, o) -> o));
        PenstockConfig compressing = PenstockConfig.of(uri).payloads(PayloadConfig.PLAIN.compress(1 << 10));
        sealed("compressed, payload of 2 KiB", jobs, large, compressing);
    }

    /** In a Penstock that lives no longer than this: it would fire the schedules, sealed. */
    private void sealed(String name, int jobs, String filling, PenstockConfig config) {
        JobType<Mail> type = JobType.of("bench.sealed", Mail.class).queue("bench-sealed");
        AtomicReference<@Nullable Penstock> open = new AtomicReference<>();
        Supplier<Penstock> whose = () -> Objects.requireNonNull(open.get());
        all.add(new Feature(
                name,
                jobs,
                any -> {
                    open.set(Penstock.connect(config));
                    type(whose.get(), type, (mail, ctx) -> handled.incrementAndGet());
                },
                n -> bulk(whose.get(), type, n, filling, (i, o) -> o),
                any -> whose.get().close()));
    }

    private void beside(int jobs) {
        JobType<Mail> awaited = type("await", (mail, ctx) -> handled.incrementAndGet());
        add("awaited by its producer", jobs / 2, n -> awaited(awaited, n));
        JobType<Mail> out = type("outbox", (mail, ctx) -> handled.incrementAndGet());
        add("through an outbox", jobs, n -> outbox(out, n));
        JobType<Mail> fired = type("schedule", (mail, ctx) -> handled.incrementAndGet());
        all.add(new Feature(
                "run of a schedule",
                3 * FIRING,
                n -> penstock.schedules().define(PROGRAM, schedules(fired, FIRING, Duration.ofSeconds(1))),
                n -> ended(fired.queue(), n, false),
                n -> {
                    penstock.schedules().define(PROGRAM, List.of());
                    settled(fired.queue());
                }));
    }

    /** Schedules that are due in a day, for the time of what is measured meanwhile. */
    void whileSchedulesWait(int count, Runnable measured) {
        JobType<Mail> never = Mail.to("bench-schedule");
        penstock.schedules().define(PROGRAM, schedules(never, count, Duration.ofDays(1)));
        measured.run();
        penstock.schedules().define(PROGRAM, List.of());
    }

    private static List<Schedule> schedules(JobType<Mail> type, int count, Duration period) {
        return IntStream.range(0, count)
                .mapToObj(i -> Schedule.every("bench-" + i, period, type.spec(Mail.of(i, ""))))
                .toList();
    }

    private void add(String name, int jobs, Feature.Work work) {
        all.add(Feature.of(name, jobs, work));
    }

    private JobType<Mail> type(String name, Handler<Mail> handler) {
        return type(penstock, JobType.of("bench." + name, Mail.class).queue("bench-" + name), handler);
    }

    private JobType<Mail> type(String name, RetryPolicy retry, Handler<Mail> handler) {
        return type(
                penstock,
                JobType.of("bench." + name, Mail.class).queue("bench-" + name).retry(retry),
                handler);
    }

    private static JobType<Mail> type(Penstock whose, JobType<Mail> type, Handler<Mail> handler) {
        whose.handle(type, handler);
        work(whose, type);
        return type;
    }

    private static void work(Penstock whose, JobType<Mail> type) {
        whose.work(WorkerConfig.named(type.queue()).concurrency(10), Set.of(type.queue()));
    }

    private void bulk(JobType<Mail> type, int jobs, BiFunction<Integer, JobOptions, JobOptions> options) {
        bulk(penstock, type, jobs, small, options);
    }

    private void bulk(
            Penstock whose,
            JobType<Mail> type,
            int jobs,
            String filling,
            BiFunction<Integer, JobOptions, JobOptions> options) {
        handled.set(0);
        Stream<JobSpec> specs =
                IntStream.range(0, jobs).mapToObj(i -> spec(type, Mail.of(i, filling), o -> options.apply(i, o)));
        accepted(whose.queue(type.queue()).enqueueAll(specs), jobs);
        ended(type.queue(), jobs, true);
    }

    private static JobSpec spec(JobType<Mail> type, Mail mail, UnaryOperator<JobOptions> options) {
        return type.spec(mail, options);
    }

    private static void accepted(EnqueueSummary summary, int jobs) {
        if (summary.accepted() != jobs) {
            throw new IllegalStateException("not all jobs were accepted: " + summary + "; the benchmark ends");
        }
    }

    private void singly(JobType<Mail> type, int jobs) {
        handled.set(0);
        for (int i = 0; i < jobs; i++) {
            one(type, i);
        }
        ended(type.queue(), jobs, true);
    }

    private JobId one(JobType<Mail> type, int number) {
        if (penstock.enqueue(type, Mail.of(number, small)) instanceof Enqueued.Accepted accepted) {
            return accepted.id();
        }
        throw new IllegalStateException("a job was refused; the benchmark ends");
    }

    private void flows(JobType<Mail> type, int jobs, Supplier<Flow> flow) {
        handled.set(0);
        for (int i = 0; i < jobs / FLOW_JOBS; i++) {
            penstock.flows().submit(flow.get());
        }
        ended(type.queue(), jobs, true);
    }

    private Flow family(JobType<Mail> type) {
        JobSpec spec = type.spec(Mail.of(0, small));
        return Flow.named("family")
                .job("a", spec)
                .job("b", spec)
                .job("c", spec)
                .job("d", spec)
                .job("parent", spec)
                .needs("parent", "a", "b", "c", "d");
    }

    private Flow chain(JobType<Mail> type) {
        JobSpec spec = type.spec(Mail.of(0, small));
        return Flow.chain("chain", spec, spec, spec, spec, spec);
    }

    private void batch(JobType<Mail> type, int jobs) {
        handled.set(0);
        FlowId batch =
                penstock.flows().open(BatchPlan.named("batch", type.queue()).onComplete(type.spec(Mail.of(0, small))));
        Stream<JobSpec> specs = IntStream.range(0, jobs).mapToObj(i -> type.spec(Mail.of(i, small)));
        accepted(penstock.flows().addAll(batch, type.queue(), specs), jobs);
        penstock.flows().seal(batch);
        ended(type.queue(), jobs + 1L, true);
    }

    private void signalled(JobType<Mail> type, int jobs) {
        handled.set(0);
        List<JobId> ids = IntStream.range(0, jobs).mapToObj(i -> one(type, i)).toList();
        until(() -> penstock.queue(type.queue()).counts().delayed() == jobs, COUNT_NANOS, type.queue());
        ids.forEach(id -> penstock.signal(id, "go", true));
        ended(type.queue(), jobs, true);
    }

    private void awaited(JobType<Mail> type, int jobs) throws InterruptedException {
        handled.set(0);
        Semaphore room = new Semaphore(AWAITED_AT_ONCE);
        for (int i = 0; i < jobs; i++) {
            room.acquire();
            penstock.awaitAsync(one(type, i), LONGEST).thenRun(room::release);
        }
        room.acquire(AWAITED_AT_ONCE);
        ended(type.queue(), jobs, true);
    }

    private void outbox(JobType<Mail> type, int jobs) throws SQLException {
        handled.set(0);
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            for (int from = 0; from < jobs; from += OUTBOX_ROWS) {
                outbox.enqueueAll(
                        connection,
                        IntStream.range(from, Math.min(jobs, from + OUTBOX_ROWS))
                                .mapToObj(i -> type.spec(Mail.of(i, small)))
                                .toList());
                connection.commit();
                outbox.relaySoon();
            }
        }
        ended(type.queue(), jobs, true);
    }

    /** Waits until so many handlers have returned and, if {@code all}, nothing of the queue is left. */
    private void ended(String queue, long jobs, boolean all) {
        until(() -> handled.get() >= jobs, LOOK_NANOS, queue);
        if (all) {
            settled(queue);
        }
        handled.set(0);
    }

    private void settled(String queue) {
        until(() -> left(penstock.queue(queue).counts()) == 0, COUNT_NANOS, queue);
    }

    private static long left(QueueCounts counts) {
        return counts.waiting() + counts.delayed() + counts.active() + counts.blocked();
    }

    private void until(BooleanSupplier over, long pauseNanos, String queue) {
        long deadline = clock.nanos() + LONGEST.toNanos();
        while (!over.getAsBoolean()) {
            if (clock.nanos() - deadline > 0) {
                throw new IllegalStateException("queue " + queue + " is not done after " + LONGEST + ": "
                        + handled.get() + " handled, "
                        + penstock.queue(queue).counts() + ", first of " + JobState.WAITING + ": "
                        + penstock.queue(queue).list(JobState.WAITING, null, 1).jobs() + "; the benchmark ends");
            }
            LockSupport.parkNanos(pauseNanos);
        }
    }

    @Override
    public void close() {
        outbox.close();
        penstock.close();
    }
}
