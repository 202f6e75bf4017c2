package io.penstock.worker;

import io.penstock.job.JobOptions;
import io.penstock.memory.admission.Permit;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueStore;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a worker that talks to Redis about jobs: it goes round its queues, reports and takes, and sleeps
 * until somebody signals or something is due. It never waits for an answer.
 *
 * <p>Threads: a pass is made under one lock, nearly always by this thread.
 */
final class TakeLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final long REFUSED_LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private final Clock clock;
    private final WorkerConfig config;
    private final Runners runners;
    private final BytesInHand bytes;
    private final LeaseKeeper keeper;
    private final Handlers handlers;
    private final WorkerStats.Tally tally = new WorkerStats.Tally();
    private final Prefetch prefetch;
    private List<Intake> intakes = List.of();
    private Worker.Upkeep upkeep = new Worker.Upkeep() {};
    private final ReentrantLock passing = new ReentrantLock(); // guards this and all its intakes
    private int turn;
    private long refusedLoggedNanos;
    private volatile boolean signalled;
    private volatile boolean draining;
    private volatile boolean ended;
    private volatile @Nullable Thread thread;

    TakeLoop(
            Clock clock,
            WorkerConfig config,
            Runners runners,
            BytesInHand bytes,
            LeaseKeeper keeper,
            Handlers handlers) {
        this.clock = clock;
        this.config = config;
        this.runners = runners;
        this.bytes = bytes;
        this.keeper = keeper;
        this.handlers = handlers;
        this.prefetch = new Prefetch(clock.nanos());
        this.refusedLoggedNanos = clock.nanos() - REFUSED_LOG_NANOS;
    }

    /** Before the thread starts: which queues, and whom to tell what may need looking after. */
    List<Intake> serve(Iterable<QueueStore> stores, Worker.Upkeep told) {
        List<Intake> all = new ArrayList<>();
        for (QueueStore store : stores) {
            Outage outage = new Outage(LOG, clock, "worker=" + config.name() + " queue=" + store.queue() + " taking");
            all.add(new Intake(store, this, new RetryWait(outage)));
        }
        intakes = List.copyOf(all);
        upkeep = told;
        return intakes;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        while (!ended && !Thread.interrupted()) {
            signalled = false; // before the look round: a signal during it makes another round
            long wait = round();
            if (!signalled && wait > 0 && !ended) {
                LockSupport.parkNanos(this, wait);
            }
        }
    }

    private long round() {
        try {
            return pass();
        } catch (Throwable unexpected) { // such as no memory: the worker must not die silently with its leases alive
            LOG.error("worker={} its take loop failed; it goes on in a second", config.name(), unexpected);
            return Duration.ofSeconds(1).toNanos();
        }
    }

    private long pass() {
        passing.lock();
        try {
            return passAll();
        } finally {
            passing.unlock();
        }
    }

    /**
     * Takes for an idle queue on the thread that woke it, which saves the way over this loop's thread (two of eight
     * changes of thread between enqueueing and start); false = the loop must do it.
     */
    boolean passNow(Intake intake) {
        if (draining || passing.isHeldByCurrentThread() || !passing.tryLock()) {
            return false;
        }
        try {
            return intake.idle() && intake.pass(clock.nanos()) == Intake.FOREVER;
        } finally {
            passing.unlock();
        }
    }

    private long passAll() {
        if (draining) {
            runners.release(null);
        }
        long wait = Intake.FOREVER;
        boolean left = true;
        int count = intakes.size();
        for (int i = 0; i < count; i++) {
            Intake intake = intakes.get((turn + i) % count);
            wait = Math.min(wait, intake.pass(clock.nanos()));
            left &= intake.gone();
        }
        turn = (turn + 1) % Math.max(1, count);
        ended |= draining && left;
        return wait;
    }

    /** Makes the loop look round; cheap when it is about to do so anyway. */
    void signal() {
        if (!signalled) {
            signalled = true;
            LockSupport.unpark(thread);
        }
    }

    /** Takes no more; ends by itself when all in hand has ended and is reported. */
    void drain() {
        draining = true;
        signal();
    }

    /** Ends without regard for what is in hand. */
    void end() {
        ended = true;
        signal();
    }

    boolean draining() {
        return draining;
    }

    /** Returns how many jobs this intake may ask for now: its share of what the worker has room for. */
    int room(Intake asking, long now) {
        int ahead = prefetch.jobs();
        long room = (long) runners.concurrency() + ahead + runners.room();
        int hungry = 1;
        for (Intake intake : intakes) {
            room -= intake.inHand();
            hungry += intake != asking && intake.hungry(now) ? 1 : 0;
        }
        if (room < ahead / 4) {
            return 0; // plenty in hand: a larger take in a moment costs Redis less than several small ones
        }
        return (int) Math.min(Prefetch.BATCH, (room + hungry - 1) / hungry);
    }

    /** Makes the place under the load line of a job that was taken; what it says itself comes before what its type says. */
    Permit permit(LeasedJob job) {
        JobOptions own = job.options();
        long declared = own.memoryBytes();
        if (declared == 0) {
            Handlers.@Nullable Known<?> known = handlers.find(job.type());
            declared = known == null ? 0 : known.type().options().memoryBytes();
        }
        return bytes.admission()
                .permit(new Permit.Request(job.type(), job.size(), declared, own.group()), runners::wakeOne);
    }

    void finished(int jobs, long now) {
        prefetch.finished(jobs, now);
    }

    /** The end of this run was refused: the job is another's by now. */
    void refused(Run run) {
        tally.refused(1);
        long now = clock.nanos();
        if (now - refusedLoggedNanos >= REFUSED_LOG_NANOS) {
            refusedLoggedNanos = now;
            LOG.warn(
                    "job={} outcome={} was refused: lease={} is no longer valid, the job runs elsewhere; nothing to do"
                            + " unless it happens often (refused so far={}): then raise worker.leaseLength",
                    run.job.id(),
                    run.outcome().kind(),
                    run.job.lease(),
                    tally.refused());
        }
        for (Interceptor interceptor : handlers.interceptors()) {
            tell(() -> interceptor.refused(run.job.id()));
        }
    }

    void lost(Hold hold) {
        keeper.lost(hold);
    }

    void joined() {
        keeper.joined();
    }

    void completedKept(String queue, long jobs) {
        tell(() -> upkeep.completedKept(queue, jobs));
    }

    void delayed(String queue, Duration shortest) {
        tell(() -> upkeep.delayed(queue, shortest));
    }

    void ran(String queue, Run run) {
        try {
            upkeep.ran(queue, run.startedAtMillis - run.job.readyMillis(), run.finishedAtMillis - run.startedAtMillis);
        } catch (RuntimeException faulty) { // not by tell: this is once a job
            tell(() -> {
                throw faulty;
            });
        }
    }

    /** Calls what is not ours in the middle of our accounts. */
    private void tell(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException faulty) {
            LOG.warn("worker={} a listener of its user threw; ignored", config.name(), faulty);
        }
    }

    Clock clock() {
        return clock;
    }

    String name() {
        return config.name();
    }

    Duration leaseLength() {
        return config.leaseLength();
    }

    Runners runners() {
        return runners;
    }

    BytesInHand bytes() {
        return bytes;
    }

    WorkerStats.Tally tally() {
        return tally;
    }
}
