package io.penstock.queue;

/**
 * A queue at one instant.
 *
 * @param bytes of the records of jobs that have not ended
 * @param keptBytes of finished jobs still kept
 * @param oldestWaitingMillis age of the job that has been ready longest at the head of a line; 0 if none waits
 * @param addedTotal jobs ever added; the totals only grow, rates are differences of them
 * @param retriedTotal attempts that failed
 * @param runMillisTotal time spent in handlers
 */
public record QueueStats(
        String name,
        boolean paused,
        boolean draining,
        QueueCounts counts,
        long bytes,
        long keptBytes,
        long oldestWaitingMillis,
        long addedTotal,
        long completedTotal,
        long failedTotal,
        long cancelledTotal,
        long retriedTotal,
        long runMillisTotal) {
    /** Returns the mean time in a handler, 0 if no job has run. */
    public double avgRunMillis() {
        long runs = completedTotal + retriedTotal;
        return runs == 0 ? 0 : (double) runMillisTotal / runs;
    }

    /** Returns the share of attempts that failed, 0 if none has run. */
    public double errorShare() {
        long runs = completedTotal + retriedTotal;
        return runs == 0 ? 0 : (double) retriedTotal / runs;
    }
}
