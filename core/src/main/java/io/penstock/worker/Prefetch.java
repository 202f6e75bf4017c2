package io.penstock.worker;

import java.time.Duration;

/**
 * How many jobs beyond its free slots a worker should hold, so that its runners never wait for Redis.
 *
 * <p>The answer is what the runners will finish in the next {@link #AHEAD}, by a moving average of the rate at which
 * they have been finishing. The rate is used, not the run time, because it falls by itself when a slow job blocks a
 * runner. Slow jobs give 0: a job that would wait here is better taken by a worker with a free slot.
 *
 * <p>Threads: one, the take loop's.
 */
final class Prefetch {
    /** Jobs asked for in one take, and reported in one finish: what one script may touch. */
    static final int BATCH = 500;

    /** Two batches: one is being run while the next is on its way. */
    static final int MOST = 2 * BATCH;

    /** Several round trips of a loaded Redis (1 to 3 ms). */
    static final Duration AHEAD = Duration.ofMillis(10);

    /** The average forgets two thirds in this time: a few takes, so a burst is met at once and soon forgotten. */
    private static final double MEMORY_NANOS = Duration.ofMillis(20).toNanos();

    private double perNano;
    private long sinceNanos;
    private long finished;

    Prefetch(long nowNanos) {
        sinceNanos = nowNanos;
    }

    /** Notes that so many jobs ended since the last call. */
    void finished(int jobs, long nowNanos) {
        finished += jobs;
        long span = nowNanos - sinceNanos;
        if (span < 1_000_000) {
            return; // too short to tell a rate
        }
        double weight = 1 - Math.exp(-span / MEMORY_NANOS);
        perNano += weight * ((double) finished / span - perNano);
        finished = 0;
        sinceNanos = nowNanos;
    }

    /** Returns how many jobs to hold beyond the free slots, 0 to {@link #MOST}. */
    int jobs() {
        return (int) Math.min(MOST, perNano * AHEAD.toNanos());
    }
}
