package io.penstock.queue;

import io.penstock.job.Enqueued.Reason;
import io.penstock.job.Enqueued.Refused;
import io.penstock.job.JobSpec;
import io.penstock.memory.admission.Pressure;
import io.penstock.redis.RedisException;
import java.time.Duration;

/** The texts of refusals: what failed, the numbers, what happens now, what to do. */
final class Refusals {
    /** A full queue drains at the pace of its workers; a second is short for them and long for a caller. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** Redis at its maxmemory, or away, is not helped by being asked often. */
    private static final Duration LATER = Duration.ofSeconds(5);

    private Refusals() {}

    static Refused full(String queue, long limit) {
        return new Refused(
                Reason.QUEUE_FULL,
                SOON,
                "queue \"" + queue + "\": not added, it holds its limit of " + limit
                        + " jobs; retry after 1 s, add workers, or raise maxJobs");
    }

    static Refused bytes(String queue, long limit, long size) {
        return new Refused(
                Reason.QUEUE_BYTES,
                SOON,
                "queue \"" + queue + "\": not added, " + size + " bytes do not fit under its limit of " + limit
                        + " bytes; retry after 1 s, add workers, or raise maxBytes");
    }

    static Refused draining(String queue) {
        return new Refused(
                Reason.DRAINING,
                Duration.ZERO,
                "queue \"" + queue + "\": not added, an operator lets it run dry; use another queue or resume it");
    }

    static Refused bufferFull(String queue, int jobs, long bytes) {
        return new Refused(
                Reason.BUFFER_FULL,
                SOON,
                "queue \"" + queue + "\": not added, this process already holds " + jobs + " jobs or " + bytes
                        + " bytes not sent to Redis; retry after 1 s, or wait for the answers");
    }

    static Refused tooLarge(JobSpec spec, int limit) {
        return new Refused(
                Reason.TOO_LARGE,
                Duration.ZERO,
                "queue \"" + spec.queue() + "\": not added, the payload of "
                        + spec.payload().length + " bytes is over the limit of " + limit
                        + "; store the data elsewhere and enqueue its address, or raise maxPayloadBytes");
    }

    static Refused pressure(JobSpec spec, Pressure pressure) {
        long needs = Math.max(spec.options().memoryBytes(), spec.payload().length);
        return new Refused(
                Reason.MEMORY_PRESSURE,
                pressure.retryAfter(),
                "queue \"" + spec.queue() + "\": not added, heap " + percent(pressure.heapShare())
                        + " % is over the load line " + percent(pressure.lineShare()) + " % (job needs " + size(needs)
                        + "); retry after " + pressure.retryAfter().toSeconds() + " s or raise memory.load-line");
    }

    private static long percent(double share) {
        return Math.round(share * 100);
    }

    private static String size(long bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : ((bytes + 1023) >> 10) + " KiB";
    }

    static Refused settled(String queue) {
        return new Refused(
                Reason.REDIS_UNREACHABLE,
                Duration.ZERO,
                "queue \"" + queue
                        + "\": batch not added, somebody took it over or Redis lost its mark; nothing of it is"
                        + " left; it goes into another batch");
    }

    static Refused abandoned(String queue, Duration deadline) {
        return new Refused(
                Reason.REDIS_UNREACHABLE,
                LATER,
                "queue \"" + queue + "\": not added, it was not sent to Redis within " + deadline
                        + "; nothing of it is left; retry after 5 s");
    }

    static Refused unknown(String queue, Duration deadline) {
        return new Refused(
                Reason.REDIS_UNREACHABLE,
                LATER,
                "queue \"" + queue
                        + "\": no answer from Redis within " + deadline
                        + "; whether the job was added is not known; a job with a unique key is safe to send again");
    }

    static Refused of(String queue, RedisException error) {
        if (error instanceof RedisException.Unreachable) {
            return new Refused(
                    Reason.REDIS_UNREACHABLE,
                    LATER,
                    "queue \"" + queue + "\": whether the job was added is not known: " + error.getMessage());
        }
        Reason reason = error instanceof RedisException.Full ? Reason.REDIS_FULL : Reason.REDIS_UNREACHABLE;
        return new Refused(reason, LATER, "queue \"" + queue + "\": not added: " + error.getMessage());
    }
}
