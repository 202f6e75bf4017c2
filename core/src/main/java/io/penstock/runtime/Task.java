package io.penstock.runtime;

import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One entry of the {@link Timer}: it runs on the timer's thread, never twice at once, and each run sees what the one
 * before it has written.
 *
 * <p>Threads: safe, also from inside its own run.
 */
public final class Task implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Timer.class);

    /** As RFC 3550 smooths its jitter: a burst shows, and is forgotten after a minute of runs a few seconds apart. */
    private static final int JITTER_RUNS = 16;

    private final Timer timer;
    private final String name;
    private final long periodNanos;
    private final Runnable work;

    // guarded by the timer's lock
    private long dueNanos;
    private boolean moved;
    private boolean over;
    private boolean running;
    private long begunDueNanos;
    private long timesLeftAlone;

    // written by the thread that runs it, read by anybody
    private volatile long runs;
    private volatile long failures;
    private volatile long totalNanos;
    private volatile long longestNanos;
    private volatile long latestNanos;
    private volatile long overruns;
    private volatile long lastNanos;
    private volatile long jitterNanos;
    private volatile long lastRunMillis;

    private final Outage outage;

    /** @param periodNanos 0 = once */
    Task(Timer timer, String name, long periodNanos, long dueNanos, Runnable work) {
        this.outage = new Outage(LOG, timer.clock(), "timer task=" + name);
        this.timer = timer;
        this.name = name;
        this.periodNanos = periodNanos;
        this.dueNanos = dueNanos;
        this.work = work;
    }

    /** Runs it as soon as the timer's thread is free; several calls before that make one run. */
    public void runNow() {
        reschedule(Duration.ZERO);
    }

    /**
     * Moves the next run to this long from now; the runs after it keep their period. Called from inside a run, it
     * replaces the period once. Without effect on a task that is closed, or ran its only time.
     */
    public void reschedule(Duration wait) {
        timer.move(this, wait.toNanos());
    }

    /** Ends it: no run begins after this returns; a run that has begun goes on. */
    @Override
    public void close() {
        timer.remove(this);
    }

    /** Returns what it has cost so far. */
    public TaskStats stats() {
        return timer.stats(this);
    }

    /** Called under the lock. */
    TaskStats stats(long nowNanos, long nowMillis) {
        long last = lastRunMillis;
        return new TaskStats(
                name,
                Duration.ofNanos(periodNanos),
                runs,
                failures,
                overruns,
                totalNanos,
                lastNanos,
                longestNanos,
                latestNanos,
                jitterNanos,
                running,
                last == 0 ? null : Instant.ofEpochMilli(last),
                running ? null : Instant.ofEpochMilli(nowMillis + (dueNanos - nowNanos) / 1_000_000));
    }

    long dueNanos() {
        return dueNanos;
    }

    boolean over() {
        return over;
    }

    boolean idle() {
        return !running;
    }

    void end() {
        over = true;
    }

    /** Called under the lock when the timer goes on without this run; returns how often it has. */
    long leftAlone() {
        return ++timesLeftAlone;
    }

    void moveTo(long due) {
        dueNanos = due;
        moved = true;
    }

    /** Called under the lock before a run, so that a move made during the run is told from an older one. */
    void begin() {
        moved = false;
        running = true;
        begunDueNanos = dueNanos;
    }

    /** Called under the lock after a run; false = it will not run again. */
    boolean settle(long nowNanos) {
        running = false;
        if (over) {
            return false;
        }
        if (!moved) {
            if (periodNanos == 0) {
                over = true;
                return false;
            }
            // from the end of the run: a slow task must not run back to back and starve the others
            dueNanos = nowNanos + periodNanos;
        }
        return true;
    }

    /** Runs the work; whatever it throws is counted and told once an outage. */
    @SuppressWarnings({"NonAtomicVolatileUpdate", "NonAtomicOperationOnVolatileField"}) // one writer
    void run(Clock clock) {
        long begin = clock.nanos();
        long late = Math.max(0, begin - begunDueNanos);
        latestNanos = Math.max(latestNanos, late);
        jitterNanos = runs == 0 ? late : jitterNanos + (late - jitterNanos) / JITTER_RUNS;
        lastRunMillis = clock.millis();
        try {
            work.run();
            outage.worked();
        } catch (Throwable error) { // an Error of one task must not end the thread of all
            failures++;
            outage.failed(error);
        }
        long took = clock.nanos() - begin;
        runs++;
        totalNanos += took;
        lastNanos = took;
        longestNanos = Math.max(longestNanos, took);
        if (took > Timer.BUDGET.toNanos()) {
            overruns++;
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
