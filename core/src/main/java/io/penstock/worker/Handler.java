package io.penstock.worker;

/**
 * The user's code for one type of job.
 *
 * <p>It may run more than once for the same job (a worker can die after the work and before the answer), so its effects
 * should bear repeating. It should heed interruption: timeout, cancellation, a lost lease and shutdown all come as one,
 * and {@link JobContext} tells which.
 *
 * @param <P> the payload
 */
@FunctionalInterface
public interface Handler<P> {
    /**
     * Does the work; returning means success.
     *
     * @throws Exception whatever went wrong: the {@link io.penstock.job.RetryPolicy} decides what becomes of the job
     */
    void handle(P payload, JobContext context) throws Exception;
}
