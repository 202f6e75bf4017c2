package io.penstock.bench;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.bench.Line.Column;
import io.penstock.flow.Flow;
import io.penstock.flow.FlowId;
import io.penstock.job.JobType;
import io.penstock.queue.GroupRule;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.Rate;
import io.penstock.runtime.Clock;
import io.penstock.worker.WorkerConfig;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a quiet tenant notices of one with a hundred times its load, how exactly limits hold, and how long flows take.
 *
 * <p>A worker of ten runs jobs of 2 ms; the quiet tenant adds one each 20 ms, the noisy one a hundred as often, which is
 * as much as the worker can do. Time: a minute.
 */
final class Fairness {
    private static final int SAMPLES = 300;
    private static final int TIMES = 100;
    private static final long GAP_NANOS = 20_000_000;
    private static final long JOB_NANOS = 2_000_000;
    private static final long LOOK_NANOS = 500_000;
    private static final int FLOWS = 200;
    private static final int LARGE = 1_000;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** @param noisy whether it is one of the many; others note when they start */
    record Call(boolean noisy, int number, long addedNanos) {}

    private final PrintStream out;
    private final Penstock penstock;
    private final Clock clock = Clock.system();
    private final long[] waits = new long[SAMPLES];
    private final AtomicInteger heard = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();
    private final AtomicLong handled = new AtomicLong();

    private Fairness(PrintStream out, String uri) {
        this.out = out;
        this.penstock = Penstock.connect(PenstockConfig.of(uri));
    }

    /** Measures and prints; 0, or 1 if it could not be measured. */
    static int run(PrintStream out) {
        try (Site site = Site.embedded(Column.OFF)) {
            out.printf(
                    Locale.ROOT,
                    "java %s, %s, %d cores, load before %.2f%n",
                    Facts.java(),
                    site.version(),
                    Facts.cores(),
                    Facts.load());
            Fairness fairness = new Fairness(out, site.uri);
            try {
                fairness.measure();
            } finally {
                fairness.penstock.close();
            }
            return 0;
        } catch (Exception failed) {
            System.err.println("fairness could not be measured: " + failed);
            return 1;
        }
    }

    private void measure() throws InterruptedException {
        out.printf("%-52s %8s %8s %8s%n", "wait of the quiet tenant, ms", "p50", "p99", "max");
        wait("warm-up", "quiet", null);
        wait("alone", "quiet", null);
        wait("beside one with 100 times the load, by groups", "quiet", "noisy");
        wait("the same without groups: one line for all", null, "");
        limits();
        flows();
    }

    /** @param noisy null = nobody else; empty = somebody else, without a group */
    private void wait(String what, @Nullable String quiet, @Nullable String noisy) throws InterruptedException {
        String queue = "bench-fair-" + what.hashCode();
        JobType<Call> type = JobType.of(queue, Call.class).queue(queue);
        penstock.handle(type, (call, ctx) -> {
            if (!call.noisy) {
                waits[call.number] = clock.nanos() - call.addedNanos;
                heard.incrementAndGet();
            }
            LockSupport.parkNanos(JOB_NANOS);
        });
        penstock.work(WorkerConfig.named(queue).concurrency(10), Set.of(queue));
        heard.set(0);
        for (int i = 0; i < SAMPLES; i++) {
            long next = clock.nanos() + GAP_NANOS;
            if (noisy != null) {
                penstock.queue(queue)
                        .enqueueAll(IntStream.range(0, TIMES)
                                .mapToObj(n ->
                                        type.spec(new Call(true, n, 0), o -> noisy.isEmpty() ? o : o.group(noisy))));
            }
            Call call = new Call(false, i, clock.nanos());
            penstock.enqueueAsync(type.spec(call, o -> quiet == null ? o : o.group(quiet)));
            LockSupport.parkNanos(Math.max(0, next - clock.nanos()));
        }
        until(() -> heard.get() >= SAMPLES);
        penstock.delete(queue, true);
        Arrays.sort(waits);
        if (!what.equals("warm-up")) {
            row(what, waits);
        }
    }

    private void row(String what, long[] sorted) {
        out.printf(
                Locale.ROOT,
                "%-52s %8.1f %8.1f %8.1f%n",
                what,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private void until(BooleanSupplier over) {
        long deadline = clock.nanos() + LONGEST.toNanos();
        while (!over.getAsBoolean()) {
            if (clock.nanos() - deadline > 0) {
                throw new IllegalStateException("not done after " + LONGEST + "; the measurement ends");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void limits() {
        out.printf("%n%-52s %8s %8s%n", "limits, 20 threads, jobs of 2 ms", "asked", "seen");
        limit(
                "most of a group at once",
                5,
                queue -> penstock.queue(queue).groups().configure("g", new GroupRule(null, 5, null, null, false)));
        limit(
                "most of a queue at once",
                5,
                queue -> penstock.queue(queue).configure(QueueSettings.DEFAULT.running(5, null)));
        limit(
                "starts of a queue a second",
                500,
                queue -> penstock.queue(queue)
                        .configure(QueueSettings.DEFAULT.running(0, new Rate(50, Duration.ofMillis(100)))));
    }

    private void limit(String what, int asked, java.util.function.Consumer<String> set) {
        String queue = "bench-limit-" + what.hashCode();
        JobType<Call> type = JobType.of(queue, Call.class).queue(queue);
        penstock.handle(type, (call, ctx) -> {
            mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
            LockSupport.parkNanos(JOB_NANOS);
            running.decrementAndGet();
            handled.incrementAndGet();
        });
        penstock.queue(queue).create();
        set.accept(queue);
        handled.set(0);
        mostRunning.set(0);
        int jobs = 2_000;
        penstock.queue(queue)
                .enqueueAll(IntStream.range(0, jobs).mapToObj(n -> type.spec(new Call(true, n, 0), o -> o.group("g"))));
        long began = clock.nanos();
        penstock.work(WorkerConfig.named(queue).concurrency(20), Set.of(queue));
        until(() -> handled.get() >= jobs);
        double seconds = (clock.nanos() - began) / 1e9;
        boolean rate = what.startsWith("starts");
        out.printf(
                Locale.ROOT,
                "%-52s %8d %8.0f   %,.0f jobs/s%n",
                what,
                asked,
                // the first bucket is full
                rate ? (jobs - 50) / seconds : mostRunning.get(),
                jobs / seconds);
        penstock.delete(queue, true);
    }

    private void flows() {
        JobType<Mail> type = JobType.of("bench.node", Mail.class).queue("bench-node");
        penstock.handle(type, (mail, ctx) -> handled.incrementAndGet());
        penstock.work(WorkerConfig.named("node").concurrency(10), Set.of("bench-node"));
        out.printf("%n%-52s %8s %8s %8s%n", "flows, from submit to their end, ms", "p50", "p99", "max");
        long[] each = new long[FLOWS];
        for (int i = 0; i < 2 * FLOWS; i++) { // the first half warms up
            each[i % FLOWS] = ended(Flow.named("family")
                    .job("a", type.spec(Mail.of(0, "")))
                    .job("b", type.spec(Mail.of(0, "")))
                    .job("c", type.spec(Mail.of(0, "")))
                    .job("d", type.spec(Mail.of(0, "")))
                    .job("parent", type.spec(Mail.of(0, "")))
                    .needs("parent", "a", "b", "c", "d"));
        }
        Arrays.sort(each);
        row("1 parent and 4 children", each);
        Flow chain = Flow.named("chain");
        Flow fan = Flow.named("fan");
        for (int i = 0; i < LARGE; i++) {
            chain.job("n" + i, type.spec(Mail.of(i, "")));
            fan.job("n" + i, type.spec(Mail.of(i, "")));
            if (i > 0) {
                chain.needs("n" + i, "n" + (i - 1));
                fan.needs("n" + i, "n0");
            }
        }
        row("chain of 1,000 jobs, each when the one before is done", new long[] {ended(chain)});
        row("fan of 1,000 jobs, all need the first", new long[] {ended(fan)});
    }

    private long ended(Flow flow) {
        long began = clock.nanos();
        FlowId id = penstock.flows().submit(flow);
        until(() -> penstock.flows().state(id).orElseThrow().state().equals("completed"));
        return clock.nanos() - began;
    }
}
