package io.penstock.queue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an operator may set for one queue; applied by every process within seconds, kept in Redis.
 *
 * @param maxJobs jobs waiting, delayed and active; 0 = no limit
 * @param maxBytes bytes of their records; 0 = no limit
 * @param maxPayloadBytes bytes of one payload, 1 KiB to 16 MiB
 * @param completed how many completed jobs are kept, for how long, in how many bytes
 * @param failed the same for dead letters, and again for cancelled jobs
 * @param aging what one level of priority is worth in waiting time, 1 s to 1 h
 * @param maxActive jobs in hand of all workers together, 0 to 1,000,000; 0 = no limit
 * @param rate how many jobs all workers together start in a stretch of time; null = no limit
 */
public record QueueSettings(
        long maxJobs,
        long maxBytes,
        int maxPayloadBytes,
        Keep completed,
        Keep failed,
        Duration aging,
        int maxActive,
        @Nullable Rate rate) {
    /** A thousand completed jobs answer "what ran just now" and cost about 300 KiB. */
    public static final Keep KEEP_COMPLETED = new Keep(Duration.ofHours(1), 1_000, 8 << 20);

    /** Dead letters wait for a person: a month, but no more than 64 MiB of them. */
    public static final Keep KEEP_FAILED = new Keep(Duration.ofDays(30), 10_000, 64 << 20);

    /** A minute: a LOW job overtakes fresh CRITICAL ones after three minutes. */
    public static final Duration AGING = Duration.ofMinutes(1);

    /** No limits but those above. */
    public static final QueueSettings DEFAULT =
            new QueueSettings(0, 0, io.penstock.job.Payload.DEFAULT_MAX_BYTES, KEEP_COMPLETED, KEEP_FAILED, AGING);

    /**
     * A budget for finished jobs; whatever passes one of the three first goes, oldest first.
     *
     * @param age 0 to a year; 0 keeps nothing
     * @param count 0 to 1,000,000; 0 keeps nothing
     * @param bytes of records and finish records, 0 to 1 TiB; 0 keeps nothing
     */
    public record Keep(Duration age, long count, long bytes) {
        public Keep {
            check("keep.age", age.toMillis(), 0, Duration.ofDays(366).toMillis());
            check("keep.count", count, 0, 1_000_000);
            check("keep.bytes", bytes, 0, 1L << 40);
        }

        /** Tells whether nothing is to be kept at all. */
        public boolean none() {
            return age.isZero() || count == 0 || bytes == 0;
        }
    }

    public QueueSettings {
        check("maxJobs", maxJobs, 0, 1_000_000_000_000L);
        check("maxBytes", maxBytes, 0, 1L << 50);
        check("maxPayloadBytes", maxPayloadBytes, 1 << 10, 16 << 20);
        check("aging", aging.toMillis(), 1_000, 3_600_000);
        check("maxActive", maxActive, 0, 1_000_000);
    }

    /** Settings without limits on what runs. */
    public QueueSettings(
            long maxJobs, long maxBytes, int maxPayloadBytes, Keep completed, Keep failed, Duration aging) {
        this(maxJobs, maxBytes, maxPayloadBytes, completed, failed, aging, 0, null);
    }

    /** The same with other limits on what all workers together run. */
    public QueueSettings running(int jobs, @Nullable Rate starts) {
        return new QueueSettings(maxJobs, maxBytes, maxPayloadBytes, completed, failed, aging, jobs, starts);
    }

    private static void check(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("queue setting " + key + " = " + value + " is outside " + least + " to "
                    + most + "; nothing was changed");
        }
    }
}
