package io.penstock.queue;

import static io.penstock.queue.QueueReplies.Extended;
import static io.penstock.queue.QueueReplies.Finished;
import static io.penstock.queue.QueueReplies.Promoted;
import static io.penstock.queue.QueueReplies.Waited;

import io.penstock.job.JobId;
import io.penstock.memory.admission.Pressure;
import io.penstock.payload.PayloadCodec;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one queue as verbs, each a script: join, take, finish, extend, leave for workers; promote, reclaim and
 * prune for the timer.
 *
 * <p>Every verb is safe to send again: a take and a finish carry a number that the incarnation remembers, so a lost reply
 * is answered with the same jobs and ends nothing twice. A worker has one take and one finish outstanding per lease.
 *
 * <p>Threads: safe. Time: each stage completes within the client's timeout, on a thread of the connection. Cost: one
 * round trip unless the method says otherwise. Fails with {@link io.penstock.redis.RedisException}.
 */
public final class QueueStore {
    /** Most jobs in one take or finish: Lua of Redis 5.0 dies of 7,999 arguments to a command, and longer is not faster. */
    public static final int MAX_BATCH = 500;

    /** Most jobs forgotten in one slice: what a script may touch. */
    public static final int MAX_PRUNE = 1_000;

    /** Dead letters, and cancelled jobs, that one slice of pruning looks at: finish records of 5 KiB each at most. */
    public static final int PRUNE_LOOK = 100;

    /** Most bytes of one job's report field (a step, a log, progress). */
    private static final int MAX_NOTE_BYTES = 64 << 10;

    /** What sealing may add to a note: its mark, the name of a key, nonce and tag of the cipher. */
    private static final int SEAL_BYTES = 256;

    private static final byte[] NONE = {};
    private static final String APPEND = "append";
    private static final String SET = "set";
    private static final String KEEP = "keep";

    private final Redis redis;
    private final Clock clock;
    private final String queue;
    private final QueueKeys keys;
    private final BlockHints hints = new BlockHints();
    private final Arrivals arrivals = new Arrivals();
    private final Reclaim reclaim;
    private final KnownSettings settings;
    private final Prune prune;
    private final JobSignals signals;
    private volatile LongConsumer delayedHere = millis -> {};
    private volatile Runnable flowEndedHere = () -> {};
    private volatile Supplier<@Nullable Pressure> guard = () -> null;
    private volatile LongSupplier pace = () -> 0;
    private volatile PayloadCodec codec = PayloadCodec.PLAIN;
    private volatile boolean gated;

    /** Whether a take met a limit on what runs, so that others may wait for what ends here. */
    private volatile boolean limited;

    /** A view of this queue through this connection; holds nothing that must be closed. */
    public QueueStore(Redis redis, Clock clock, String queue) {
        this.redis = redis;
        this.clock = clock;
        this.queue = queue;
        this.keys = new QueueKeys(queue);
        this.reclaim = new Reclaim(this);
        this.settings = new KnownSettings(redis, clock, keys);
        this.prune = new Prune(this, settings::now);
        this.signals = new JobSignals(this);
    }

    /** Returns the name of the queue. */
    public String queue() {
        return queue;
    }

    Redis redis() {
        return redis;
    }

    Clock clock() {
        return clock;
    }

    QueueKeys keys() {
        return keys;
    }

    BlockHints hints() {
        return hints;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** This process' copy of the settings, see {@link KnownSettings}. */
    KnownSettings settings() {
        return settings;
    }

    /** Names who is told, in millis, of the shortest delay in each call that adds delayed jobs here. */
    public void onDelayed(LongConsumer told) {
        delayedHere = told;
    }

    /** Names who says, for each job added here, why this process takes none now (null = it does); must be quick. */
    public void guard(Supplier<@Nullable Pressure> says) {
        guard = says;
    }

    /** Names who says, in nanos, how long a caller that waits for its answer is to be held back first; must be quick. */
    public void pace(LongSupplier says) {
        pace = says;
    }

    /** Says what seals the payloads of jobs that are added here, and opens those of jobs that are taken. */
    public void payloads(PayloadCodec by) {
        codec = by;
    }

    PayloadCodec payloads() {
        return codec;
    }

    @Nullable
    Pressure pressure() {
        return guard.get();
    }

    long holdBackNanos() {
        return pace.getAsLong();
    }

    /** Names who is told when a job of a flow may just have ended here; must be quick. */
    public void onFlowEnd(Runnable told) {
        flowEndedHere = told;
    }

    /** The flows that live in a queue, this or another one. */
    public FlowStore flows(String home) {
        return new FlowStore(home.equals(queue) ? this : new QueueStore(redis, clock, home));
    }

    void flowEnded() {
        flowEndedHere.run();
    }

    void delayed(long millis) {
        delayedHere.accept(millis);
    }

    /** Reads the queue's settings, so that endings and pruning follow them. */
    public CompletionStage<QueueSettings> refresh() {
        return settings.read();
    }

    /** Gets a lease for a new incarnation of a worker. Two round trips. */
    public CompletionStage<Lease> join(Duration length) {
        byte[] random = new byte[8];
        ThreadLocalRandom.current().nextBytes(random);
        String nonce = java.util.HexFormat.of().formatHex(random);
        Call call = new Call(128).key(keys.counters).key(keys.leases).arg(nonce).arg(length.toMillis());
        return redis.eval(Scripts.JOIN, call)
                .thenCompose(reply -> refresh().thenApply(unused -> new Lease(queue, Redis.text(reply.get(0)), nonce)));
    }

    /**
     * Leases waiting jobs: at most so many, and no more bytes of records than given, but for the first job, which is
     * always given. An empty answer means that nothing is waiting; a short one does not.
     */
    public CompletionStage<List<LeasedJob>> take(Lease lease, int most, long maxBytes) {
        return take(lease, Math.min(most, MAX_BATCH), maxBytes, 4);
    }

    private CompletionStage<List<LeasedJob>> take(Lease lease, int most, long maxBytes, int roundsLeft) {
        List<String> blocks = hints.all();
        Call call = new Call(768 + blocks.size() * 48);
        call.key(keys.settings).key(keys.counters).key(keys.leases).key(keys.incarnation(lease.number()));
        call.key(keys.active).key(keys.ghosts).key(keys.crashes);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        blocks.forEach(block -> call.key(keys.records(block)));
        call.arg(lease.token())
                .arg(lease.number())
                .arg(lease.takes() + 1)
                .arg(most)
                .arg(maxBytes);
        boolean draws = gated;
        call.arg(settings.now().aging().toMillis()).arg(draws ? "1" : "");
        blocks.forEach(call::arg);
        return redis.eval(draws ? Scripts.TAKE_GATED : Scripts.TAKE, call).thenCompose(reply -> {
            String status = Redis.text(reply.get(0));
            if (status.equals("gated")) {
                gated = true; // for good: a gate that nobody uses costs a take one command
                return take(lease, most, maxBytes, roundsLeft);
            }
            lease.againMillis(0);
            limited |= reply.size() > 1 && (Long) reply.get(1) < 0;
            if (status.equals("lost")) {
                return CompletableFuture.failedFuture(new LeaseLostException(lease));
            }
            if (status.equals("paused")) {
                return CompletableFuture.completedFuture(List.of());
            }
            List<LeasedJob> jobs = taken(lease, reply);
            if (!jobs.isEmpty()) {
                lease.took();
                return CompletableFuture.completedFuture(jobs);
            }
            lease.againMillis((Long) reply.get(1));
            boolean more = (Long) reply.get(1) == 1 || reply.size() > 3;
            return more && roundsLeft > 0
                    ? take(lease, most, maxBytes, roundsLeft - 1)
                    : CompletableFuture.completedFuture(jobs);
        });
    }

    private List<LeasedJob> taken(Lease lease, List<Object> reply) {
        int at = 2;
        while (((byte[]) reply.get(at)).length > 0) {
            hints.seen(Redis.text(reply.get(at++)));
        }
        int first = ++at;
        int end = first;
        while (end < reply.size() && ((byte[]) reply.get(end)).length > 0) {
            end += 2;
        }
        List<LeasedJob> jobs = new ArrayList<>((end - first) / 2);
        String block = "";
        for (; at < end; at += 2) {
            String serial = new String((byte[]) reply.get(at), StandardCharsets.ISO_8859_1);
            if (block.isEmpty() || serial.length() != block.length() + 2 || !serial.startsWith(block)) {
                block = JobId.blockOf(serial);
                hints.seen(block);
            }
            byte[] crashes = end == reply.size() ? NONE : (byte[]) reply.get(end + 1 + (at - first) / 2);
            jobs.add(leased(serial, lease, (byte[]) reply.get(at + 1), crashes));
        }
        return jobs;
    }

    /** A record that is none still has to leave the queue: it is run as an unreadable job and dies as one. */
    LeasedJob leased(String serial, Lease lease, byte[] record, byte[] crashes) {
        return new LeasedJob(new JobId(queue, serial), lease, StoredJob.of(record), crashCount(crashes))
                .opensWith(codec);
    }

    static int crashCount(byte[] field) {
        return field.length == 0 ? 0 : field[0] - '0';
    }

    /**
     * Ends deliveries. Endings of a call whose outcome is not known are sent again, first and unchanged, by the next
     * call, so give only new ones.
     *
     * @param endings at most {@value #MAX_BATCH}
     */
    public CompletionStage<Finished> finish(Lease lease, List<Ending> endings) {
        if (endings.size() > MAX_BATCH) {
            throw new IllegalArgumentException(
                    "finish of " + endings.size() + " jobs is over " + MAX_BATCH + "; nothing was sent; split it");
        }
        Call unsettled = lease.unsettled();
        if (unsettled != null) {
            return send(lease, unsettled, 0)
                    .thenCompose(first -> endings.isEmpty()
                            ? CompletableFuture.completedFuture(first)
                            : send(lease, build(lease, endings), endings.size()));
        }
        if (endings.isEmpty()) {
            return CompletableFuture.completedFuture(new Finished(0, List.of(), 0));
        }
        CompletionStage<Finished> answer = send(lease, build(lease, endings), endings.size());
        for (Ending ending : endings) {
            if (!ending.job().stored().flow().isEmpty()) {
                flowEnded(); // now: who looks reads right behind the end, on the same connection
                break;
            }
        }
        return answer;
    }

    /**
     * Tells another worker that these endings may have made room which nobody here takes: without it, it would look within
     * a second. For whoever does not take right behind its report; of plain jobs of a queue without limit nothing is sent.
     */
    public void passOn(List<Ending> endings) {
        if (limited && !endings.isEmpty()) {
            passOn();
            return;
        }
        for (Ending ending : endings) {
            if (!ending.job().stored().permits().isEmpty()) {
                passOn();
                return;
            }
        }
    }

    void passOn() {
        redis.eval(Scripts.ONWARD, new Call(96).key(keys.leases).key(keys.waiters));
    }

    private Call build(Lease lease, List<Ending> endings) {
        FinishCall building = new FinishCall(keys, settings.now(), clock.millis());
        endings.forEach(building::add);
        return building.build(lease.token(), lease.number(), lease.nextFinish());
    }

    private CompletionStage<Finished> send(Lease lease, Call call, int count) {
        lease.unsettled(call);
        return redis.eval(Scripts.FINISH, call)
                .handle((reply, error) -> {
                    if (error != null) {
                        return CompletableFuture.<Finished>failedFuture(rejected(lease, Redis.unwrapped(error)));
                    }
                    lease.unsettled(null);
                    return switch (Redis.text(reply.get(0))) {
                        case "lost" -> CompletableFuture.<Finished>failedFuture(new LeaseLostException(lease));
                        case "again" -> CompletableFuture.completedFuture(new Finished(count, List.of(), 0));
                        default ->
                            CompletableFuture.completedFuture(new Finished(
                                    ((Long) reply.get(1)).intValue(), FinishCall.refused(reply), (Long) reply.get(2)));
                    };
                })
                .thenCompose(Function.identity());
    }

    /**
     * A report that Redis rejects for good would be sent again for ever and hold up all others. So the lease is given up: it
     * runs out, and whatever of the report did not count is run again.
     */
    private static RuntimeException rejected(Lease lease, RedisException error) {
        if (error instanceof RedisException.Unreachable) {
            return error;
        }
        lease.unsettled(null);
        return new LeaseLostException(lease, error);
    }

    /**
     * Moves the deadline of a lease.
     *
     * @param report JSON for operators, at most 16 KiB
     */
    public CompletionStage<Extended> extend(Lease lease, Duration length, byte[] report) {
        Call call = new Call(256 + report.length);
        call.key(keys.settings)
                .key(keys.leases)
                .key(keys.incarnation(lease.number()))
                .key(keys.requests)
                .key(keys.quiet);
        call.arg(lease.token()).arg(length.toMillis()).arg(report).arg(lease.number());
        return redis.eval(Scripts.EXTEND, call).thenApply(reply -> {
            Set<String> asked = new HashSet<>();
            for (int i = 3; i < reply.size(); i++) {
                asked.add(Redis.text(reply.get(i)));
            }
            long told = (Long) reply.get(2);
            return new Extended((Long) reply.get(0) == 1, asked, (Long) reply.get(1) == 1, told > 0, told == 2);
        });
    }

    /** Takes back what its worker was asked to, because another has the lease now; not waited for. */
    public void forgive(Lease lease) {
        redis.command("SREM", new Call(96).key(keys.quiet).arg(lease.number()));
        redis.command("HDEL", new Call(96).key(keys.incarnation(lease.number())).arg("stop"));
    }

    /** Ends a lease; what was not handed back ({@code left} jobs) goes to others at once. */
    public CompletionStage<Boolean> leave(Lease lease, int left) {
        Call call = new Call(192);
        call.key(keys.leases)
                .key(keys.dead)
                .key(keys.incarnation(lease.number()))
                .key(keys.quiet);
        call.arg(lease.token()).arg(lease.number()).arg(left);
        return redis.eval(Scripts.LEAVE, call).thenApply(reply -> (Long) reply.get(0) == 1);
    }

    /** Notes that a job which was in hand at a crash is about to run; false if it is not held any more. */
    public CompletionStage<Boolean> markStarted(LeasedJob job) {
        return note(
                job, keys.crashes, job.id().serial(), (job.crashes() + "!").getBytes(StandardCharsets.US_ASCII), SET);
    }

    /** Keeps a job's progress (JSON, at most 64 KiB); false if the job is not held any more or it is too large. */
    public CompletionStage<Boolean> progress(LeasedJob job, byte[] json) {
        return extra(job, "p", json, SET);
    }

    /** Appends log lines of a job, at most 64 KiB in all; false if the job is not held any more or the log is full. */
    public CompletionStage<Boolean> log(LeasedJob job, byte[] lines) {
        return extra(job, "l", lines, APPEND);
    }

    /** Keeps the result of a step (JSON, at most 64 KiB); false if the job is not held any more or it is too large. */
    public CompletionStage<Boolean> saveStep(LeasedJob job, String name, byte[] json) {
        return extra(job, "r" + name, job.sealStep(name, json), KEEP);
    }

    /** Returns what running jobs emit. */
    public FeedStore feed() {
        return new FeedStore(redis, keys, codec);
    }

    /** Reads the results of the steps that earlier runs of a job finished. */
    public CompletionStage<Map<String, byte[]>> steps(LeasedJob job) {
        if (!job.hasExtras()) {
            return CompletableFuture.completedFuture(Map.of());
        }
        Call call = new Call(64).key(keys.extras(job.id().serial()));
        return redis.command("HGETALL", call).thenApply(reply -> {
            Map<String, byte[]> steps = new LinkedHashMap<>();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                String field = Redis.text(reply.get(i));
                if (field.startsWith("r")) {
                    steps.put(field.substring(1), (byte[]) reply.get(i + 1));
                }
            }
            return steps;
        });
    }

    /** Looks for a signal of a running job; if it has not come, notes until when the job waits: what was noted first counts. */
    public CompletionStage<Waited> awaitSignal(LeasedJob job, String name, Duration wait) {
        return signals.look(job, "d", name, wait);
    }

    /** Tells how long a running job has to sleep yet; the end of this sleep is noted the first time. */
    public CompletionStage<Waited> sleep(LeasedJob job, String name, Duration wait) {
        return signals.look(job, "t", name, wait);
    }

    JobSignals signals() {
        return signals;
    }

    private CompletionStage<Boolean> extra(LeasedJob job, String field, byte[] value, String how) {
        job.extrasWritten();
        return note(job, keys.extras(job.id().serial()), field, value, how);
    }

    private CompletionStage<Boolean> note(LeasedJob job, byte[] key, String field, byte[] value, String how) {
        Call call =
                new Call(256 + value.length).key(keys.leases).key(keys.active).key(key);
        call.arg(job.lease().token()).arg(job.lease().number()).arg(job.id().serial());
        call.arg(field).arg(value).arg(how).arg(MAX_NOTE_BYTES + SEAL_BYTES).arg(job.nextNote());
        return redis.eval(Scripts.NOTE, call).thenApply(reply -> (Long) reply.get(0) == 1);
    }

    /** Moves jobs that are due to their lines. */
    public CompletionStage<Promoted> promote(int most) {
        Call call = new Call(256).key(keys.counters).key(keys.delayed);
        for (byte[] line : keys.lines) {
            call.key(line);
        }
        call.key(keys.ghosts).key(keys.inbox).arg(Math.min(most, MAX_BATCH)).arg(keys.wakeChannel);
        return redis.eval(Scripts.PROMOTE, call)
                .thenApply(reply -> new Promoted(((Long) reply.get(0)).intValue(), (Long) reply.get(1)));
    }

    /** Moves one slice of the jobs of dead workers back to their lines; answers how many. Three to five round trips. */
    public CompletionStage<Integer> reclaim(int most) {
        return reclaim.slice(Math.min(most, 100));
    }

    /**
     * Forgets one slice of finished jobs that are over their budgets; answers how many. Two to five round trips.
     *
     * @param most at most {@value #MAX_PRUNE}; a slice of more than half of it says that there is more to do
     */
    public CompletionStage<Integer> prune(int most) {
        return prune.slice(Math.min(most, MAX_PRUNE));
    }
}
