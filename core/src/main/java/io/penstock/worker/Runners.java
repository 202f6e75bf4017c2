package io.penstock.worker;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that run jobs, and the jobs in hand that wait for one of them.
 *
 * <p>A runner that finds work goes on without parking. When work arrives one idle runner is woken, and a runner that
 * finds more than it needs wakes the next: at most one wake-up is under way at any time, so a batch of tiny jobs does
 * not wake ten threads for work that two will have done before the others are up, while slow jobs still spread to all
 * slots in a few steps. (The work signalling of the JDK's ForkJoinPool, reduced to this case.)
 *
 * <p>Bound: {@link #concurrency} threads, started on demand, ended after 30 s without work; as many abandoned ones
 * again. The jobs are bounded by the take loop. Threads: safe.
 */
final class Runners {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Threads started in a go: enough to grow quickly, few enough not to waste them on jobs that are done by then. */
    private static final int MOST_STARTS = 8;

    /** Where runners are virtual threads, one in so many is a platform thread all the same, and measures for all. */
    private static final int ONE_GAUGE_IN = 16;

    /**
     * And the first ones: with 64 MB a dozen jobs run at once. Of one gauge that was woken last, 1 to 3 of 300 jobs were
     * measured, and a type whose need had tripled was still priced by what it once was (seen on 25: 3 to 13
     * OutOfMemoryErrors a run, with the same rules none where 82 were measured).
     */
    private static final int FIRST_GAUGES = 4;

    private static final long IDLE_NANOS = Duration.ofSeconds(30).toNanos();

    /**
     * A job waits this long for room before it is handed back uncharged: long enough for a large one to get what running
     * jobs give up, well within a lease that is renewed anyway.
     */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Clock clock;
    private final Threads threads;
    private final boolean virtual;
    private final JobRunner runner;
    private final Outage starting;
    private final AtomicLong names = new AtomicLong();
    private final Queue<Batch> ready = new ConcurrentLinkedQueue<>();
    private final Standing standing = new Standing();

    private final Set<Slot> slots = ConcurrentHashMap.newKeySet();
    private final AtomicInteger live = new AtomicInteger();
    private final AtomicInteger abandoned = new AtomicInteger();
    private volatile int concurrency;
    private volatile boolean closed;

    /** A monitor: a lock of java.util.concurrent needs memory when it is contended. */
    private final Object idleLock = new Object();

    private final ArrayDeque<Slot> idle = new ArrayDeque<>(); // guarded by idleLock
    private final ArrayDeque<Slot> idleGauges = new ArrayDeque<>(); // guarded by idleLock
    private final AtomicInteger gauges = new AtomicInteger();
    private volatile int idleCount;
    private final AtomicBoolean waking = new AtomicBoolean();

    private final LastLives lastLives = new LastLives();
    private volatile @Nullable Gathering gathering;

    Runners(Clock clock, Threads threads, WorkerConfig config, JobRunner runner) {
        this.clock = clock;
        this.threads = threads;
        this.virtual = config.virtualThreads();
        this.runner = runner;
        this.concurrency = config.concurrency();
        this.starting = new Outage(LOG, clock, "worker=" + config.name() + " starting a thread");
    }

    /** Before the first job: where jobs that are run several at a time wait for one another. */
    void gather(Gathering gathers) {
        gathering = gathers;
    }

    /** How many jobs may be in hand beyond one for each slot, because some are run several at a time. */
    int room() {
        return gathering == null ? 0 : gathering.room();
    }

    int concurrency() {
        return concurrency;
    }

    /** Takes effect at once upwards, and downwards as running jobs end. */
    void concurrency(int jobs) {
        concurrency = jobs;
        wakeOne();
    }

    void offer(Batch batch) {
        ready.add(batch);
        wakeOne();
    }

    /** Returns what this slot runs next, waiting for it; null = the slot's thread shall end. */
    @Nullable
    Run next(Slot slot) {
        while (true) {
            if (slot.takeWakeUp()) {
                waking.set(false);
            }
            if (closed || surplus(slot)) {
                wakeIfWork();
                return null;
            }
            Run run = poll();
            if (run != null) {
                wakeIfWork();
                return run;
            }
            if (!park(slot)) {
                return null;
            }
        }
    }

    private boolean surplus(Slot slot) {
        for (int now = live.get(); now > concurrency; now = live.get()) {
            if (live.compareAndSet(now, now - 1)) {
                out(slot);
                return true;
            }
        }
        return false;
    }

    private @Nullable Run poll() {
        Gathering gathers = gathering;
        while (true) {
            Run run = gathers == null ? null : gathers.poll();
            if (run != null) {
                return run;
            }
            run = standing.poll();
            if (run == null) {
                run = lastLives.poll();
                if (run == null && !standing.blocks()) {
                    run = pollReady();
                }
                if (run == null) {
                    if (gathers != null) {
                        gathers.askForMore();
                    }
                    return null;
                }
                if (!enters(run)) {
                    continue;
                }
            }
            if (gathers == null || !gathers.takes(run)) {
                return run;
            }
            gathers.add(run); // and look again: they may be enough now
        }
    }

    /** Whether it may run now; else it waits here for what it needs. */
    private boolean enters(Run run) {
        if (run.job.lastLife() && !run.allowed) {
            lastLives.add(run); // and look again: its turn may have come just now
            return false;
        }
        if (run.permit.impossible() || run.permit.enter()) {
            return true;
        }
        stand(run); // and look again: it may have got its place before it stood there
        return false;
    }

    private void stand(Run run) {
        try {
            standing.add(run, clock.nanos());
        } catch (Throwable noMemory) { // nobody else knows this run
            handBack(run);
            throw noMemory;
        }
    }

    private @Nullable Run pollReady() {
        for (Batch batch = ready.peek(); batch != null; batch = ready.peek()) {
            Run run = batch.claim();
            if (run != null) {
                return run;
            }
            ready.remove(batch); // by identity, at the head: another runner may have removed it already
        }
        return null;
    }

    private boolean hasWork() {
        return standing.ready()
                || (!ready.isEmpty() && !standing.blocks())
                || lastLives.ready()
                || (gathering != null && gathering.ready());
    }

    private void wakeIfWork() {
        if (hasWork()) {
            wakeOne();
        }
    }

    /** Wakes a runner; called also by whoever made room for a run that stands in line. */
    void wakeOne() {
        if ((idleCount == 0 && live.get() >= concurrency) || !waking.compareAndSet(false, true)) {
            return;
        }
        boolean underway = false;
        try {
            Slot slot = popIdle();
            if (slot != null) {
                slot.wake();
                underway = true;
            } else {
                underway = !closed && startSlots();
            }
        } catch (Throwable noMemory) { // the caller holds a run, which must not be lost; the next to come wakes again
            underway = false;
        } finally {
            if (!underway) {
                waking.set(false);
            }
        }
    }

    /** Starts several threads in a go: one after the other would take seconds for thousands of slow jobs. */
    private boolean startSlots() {
        boolean started = startSlot();
        for (int more = Math.min(ready(), MOST_STARTS) - 1; started && more > 0 && startSlot(); more--) {}
        return started;
    }

    private @Nullable Slot popIdle() {
        synchronized (idleLock) {
            Slot slot = idleGauges.pollLast(); // first, because only these tell what jobs need
            if (slot == null) {
                slot = idle.pollLast(); // the last one to park is the warmest
            }
            counted();
            return slot;
        }
    }

    private boolean unlist(Slot slot) {
        synchronized (idleLock) {
            boolean was = idlers(slot).removeLastOccurrence(slot);
            counted();
            return was;
        }
    }

    private ArrayDeque<Slot> idlers(Slot slot) {
        return slot.gauge ? idleGauges : idle;
    }

    private void counted() {
        idleCount = idle.size() + idleGauges.size();
    }

    /** Waits for work; false = there was none for so long that the slot was given up. */
    private boolean park(Slot slot) {
        synchronized (idleLock) {
            idlers(slot).addLast(slot);
            counted();
        }
        if (hasWork() || closed) {
            unlist(slot); // work came before we were listed, and woke nobody
            return true;
        }
        long since = clock.nanos();
        rest();
        boolean waited = clock.nanos() - since >= IDLE_NANOS;
        if (!unlist(slot)) {
            return true; // somebody woke us
        }
        if (waited || Thread.interrupted()) { // an idle thread is interrupted only by the owner of all threads
            retire(slot);
            return false;
        }
        return true;
    }

    /** To park takes memory where threads are virtual; without any it is as if somebody had woken us. */
    private void rest() {
        try {
            LockSupport.parkNanos(this, IDLE_NANOS);
        } catch (Throwable noMemory) {
            Thread.onSpinWait();
        }
    }

    private boolean startSlot() {
        for (int now = live.get(); now < concurrency; now = live.get()) {
            if (live.compareAndSet(now, now + 1)) {
                return startThread(new Slot(this, runner, virtual && addGauge(now)));
            }
        }
        return false;
    }

    /** Virtual threads do not tell what they allocate (seen on 21 and 25). */
    private boolean addGauge(int others) {
        int most = FIRST_GAUGES + others / ONE_GAUGE_IN;
        for (int now = gauges.get(); now < most; now = gauges.get()) {
            if (gauges.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    private boolean startThread(Slot slot) {
        slots.add(slot);
        String name = "run-" + names.incrementAndGet();
        try {
            if (virtual && !slot.gauge) {
                threads.startLight(name, slot);
            } else {
                threads.start(name, slot);
            }
            starting.worked();
            return true;
        } catch (Throwable tooMany) { // no thread or no memory for one: those that run go on
            retire(slot);
            slots.remove(slot);
            starting.failed(tooMany);
            return false;
        }
    }

    private void retire(Slot slot) {
        if (!slot.retired()) {
            out(slot);
            live.decrementAndGet();
        }
    }

    private void out(Slot slot) {
        slot.retired(true);
        if (slot.gauge) {
            gauges.decrementAndGet();
        }
    }

    /** The thread of this slot ends. */
    void left(Slot slot) {
        retire(slot);
        slots.remove(slot);
        unlist(slot); // one that ended by an error must not be woken any more: that wake-up would be the last
        if (slot.takeWakeUp()) {
            waking.set(false);
            wakeIfWork();
        }
    }

    /** Redis has the end of this run, or will never want it. */
    void closed(Run run) {
        if (run.allowed) {
            lastLives.closed();
            wakeIfWork();
        }
    }

    /**
     * Takes a run from a thread that will not end, and gives its slot to a new one; true = the caller ends the run. As
     * many threads may be left behind as jobs may run: above that a stuck handler keeps its slot, until the worker stops.
     */
    boolean abandon(Slot slot, Run run, boolean stopping) {
        if ((abandoned.get() >= concurrency && !stopping) || !slot.abandon(run)) {
            return false;
        }
        abandoned.incrementAndGet();
        retire(slot);
        wakeOne();
        return true;
    }

    /** The thread of an abandoned run came to its end after all. */
    void cameBack() {
        abandoned.decrementAndGet();
    }

    int abandoned() {
        return abandoned.get();
    }

    /** Hands back what waits here under this hold; null = under any. */
    void release(@Nullable Hold hold) {
        for (Batch batch : ready) {
            if (hold == null || batch.hold == hold) {
                release(batch);
            }
        }
        standing.withdraw(hold, clock.nanos()).forEach(this::handBack);
        withdraw(hold, clock.nanos());
        lastLives.withdraw(hold).forEach(this::handBack);
    }

    /** Hands back what has waited here for longer than this while all slots are taken: another worker may be free for it. */
    void releaseOlder(long nowNanos, long ageNanos) {
        standing.withdraw(null, nowNanos - PATIENCE_NANOS).forEach(this::handBack);
        if (idleCount > 0 || live.get() < concurrency) {
            return;
        }
        for (Batch batch : ready) {
            if (nowNanos - batch.arrivedNanos > ageNanos) {
                release(batch);
            }
        }
        withdraw(null, nowNanos - ChunkConfig.MOST_LINGER.toNanos() - ageNanos);
    }

    private void withdraw(@Nullable Hold hold, long sinceNanos) {
        Gathering gathers = gathering;
        if (gathers != null) {
            gathers.withdraw(hold, sinceNanos).forEach(this::handBack);
        }
    }

    private void handBack(Run run) {
        run.end(Outcome.RELEASED);
    }

    private void release(Batch batch) {
        for (Run run = batch.claim(); run != null; run = batch.claim()) {
            run.end(Outcome.RELEASED);
        }
        ready.remove(batch);
    }

    /** Returns the slots; some may have just ended, some may run nothing. */
    Iterable<Slot> slots() {
        return slots;
    }

    /** Slots that wait for work. */
    int idle() {
        return idleCount;
    }

    int running() {
        int busy = 0;
        for (Slot slot : slots) {
            busy += slot.running() == null ? 0 : 1;
        }
        return busy;
    }

    int ready() {
        int jobs = lastLives.size() + standing.size() + (gathering == null ? 0 : gathering.size());
        for (Batch batch : ready) {
            jobs += batch.left();
        }
        return jobs;
    }

    /** Ends every thread that runs nothing, and the others as soon as their job has ended. */
    void close() {
        closed = true;
        if (gathering != null) {
            gathering.close();
        }
        for (Slot slot = popIdle(); slot != null; slot = popIdle()) {
            slot.wake();
        }
    }
}
