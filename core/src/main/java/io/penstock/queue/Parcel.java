package io.penstock.queue;

import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.Unique;
import java.time.Instant;
import java.util.Arrays;

/** A wish for a job as bytes, to be kept outside Redis until it is enqueued: the record that the job will have. */
public final class Parcel {
    private Parcel() {}

    /** Writes a wish; a delay is counted from {@code nowMillis}, not from when it is enqueued. */
    public static byte[] pack(JobSpec spec, long nowMillis) {
        return StoredJob.encode(spec, nowMillis, AddCall.ready(spec.options(), nowMillis));
    }

    /**
     * Reads a wish.
     *
     * @throws IllegalArgumentException if it is none, or one that this version cannot read
     */
    public static JobSpec unpack(String queue, byte[] record) {
        try {
            StoredJob stored = new StoredJob(record);
            JobOptions options = stored.options();
            Unique unique = options.unique();
            boolean debounced = unique != null
                    && unique.mode() == Unique.Mode.DEBOUNCE
                    && stored.readyMillis == stored.createdMillis + unique.ttl().toMillis();
            if (stored.readyMillis > stored.createdMillis && !debounced) {
                options = options.at(Instant.ofEpochMilli(stored.readyMillis));
            }
            byte[] payload = Arrays.copyOfRange(record, stored.payloadOffset, record.length);
            return new JobSpec(queue, stored.type, payload, options, stored.encoding());
        } catch (RuntimeException unreadable) {
            throw new IllegalArgumentException(
                    "the record of " + record.length + " bytes is no job: " + unreadable.getMessage(), unreadable);
        }
    }
}
