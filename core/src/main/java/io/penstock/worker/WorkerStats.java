package io.penstock.worker;

/**
 * What one worker is doing and has done since it started.
 *
 * @param running handlers that run
 * @param ready jobs in hand that wait for a runner
 * @param bytesInHand bytes of jobs and unsent results held
 * @param abandoned threads left behind by handlers that ignore their interrupt
 * @param refused ends that came after the lease was lost
 */
public record WorkerStats(
        int concurrency,
        int running,
        int ready,
        long bytesInHand,
        int abandoned,
        long completed,
        long retried,
        long snoozed,
        long failed,
        long cancelled,
        long released,
        long refused) {}
