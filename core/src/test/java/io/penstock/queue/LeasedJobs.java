package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.job.JobId;

/** Leased jobs without a Redis, for tests of what happens to them in the worker. */
public final class LeasedJobs {
    private LeasedJobs() {}

    /** A lease of a queue that nobody granted. */
    public static Lease lease(String queue) {
        return new Lease(queue, "1", "nonce");
    }

    /** The n-th job of this type under this lease, with a number as its payload. */
    public static LeasedJob job(Lease lease, String type, int n, int crashes) {
        StoredJob stored = new StoredJob(("2000000000" + type + "\n" + n).getBytes(UTF_8));
        JobId id = new JobId(lease.queue(), JobId.serial(JobId.block(n / JobId.BLOCK + 1), n % JobId.BLOCK));
        return new LeasedJob(id, lease, stored, crashes);
    }
}
