package io.penstock.job;

import java.time.Duration;
import java.util.Locale;

/** The truthful answer to a producer: the job is in, it was there already, or it was not added and why. */
public sealed interface Enqueued {
    /** The job is in Redis under this id. */
    record Accepted(JobId id) implements Enqueued {}

    /**
     * A job with the same unique key, or for the same request, is there already.
     *
     * @param id the job that holds the key
     * @param replaced whether that job now carries the new payload (DEBOUNCE, KEEP_LAST)
     * @param again whether it is the request that was here before ({@link JobOptions#once}), not another one for the same work
     */
    record Duplicate(JobId id, boolean replaced, boolean again) implements Enqueued {
        /** One of another request. */
        public Duplicate(JobId id, boolean replaced) {
            this(id, replaced, false);
        }
    }

    /**
     * The job was not added and nothing of it is left behind.
     *
     * @param retryAfter when a new try may succeed; zero when only an operator can help
     * @param message what failed, the numbers, what to do
     */
    record Refused(Reason reason, Duration retryAfter, String message) implements Enqueued {}

    /** Why a job was refused. */
    enum Reason {
        /** The queue holds as many jobs as its limit allows. */
        QUEUE_FULL,
        /** The queue holds as many bytes as its limit allows. */
        QUEUE_BYTES,
        /** An operator lets the queue run dry. */
        DRAINING,
        /** Redis is at its maxmemory. */
        REDIS_FULL,
        /** Redis did not answer before the deadline; the job may be in, and the same spec is safe to send again if unique. */
        REDIS_UNREACHABLE,
        /** This process is over its load line. */
        MEMORY_PRESSURE,
        /** This process already holds as many unsent jobs as it may. */
        BUFFER_FULL,
        /** The store of large payloads did not take the payload. */
        PAYLOAD_STORE,
        /** The payload is over the limit. */
        TOO_LARGE;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
