package io.penstock.queue;

import io.penstock.job.Enqueued.Reason;
import io.penstock.job.Enqueued.Refused;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.payload.PayloadCodec;
import io.penstock.payload.PayloadException;
import io.penstock.payload.Sealed;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The payloads of jobs as they are stored: each is bound to its queue and type, so that one that somebody copies into a job
 * of another type is not read.
 */
final class Seal {
    /** A store that failed is not helped by being asked often. */
    private static final Duration LATER = Duration.ofSeconds(5);

    private Seal() {}

    static String bound(String queue, String type) {
        return queue + "\n" + type;
    }

    /** The payload of a wish that was sealed before. */
    static Sealed of(JobSpec spec) {
        return new Sealed(spec.encoding(), spec.payload());
    }

    /**
     * Seals what is not sealed yet; costs two reads when nothing is configured. May block: on the caller's thread only.
     *
     * @throws PayloadException if it is too large or its store failed
     */
    static JobSpec seal(QueueStore store, JobSpec spec) {
        PayloadCodec codec = store.payloads();
        if (!codec.seals() || !spec.encoding().isEmpty()) {
            return spec;
        }
        Sealed sealed = codec.seal(spec.payload(), bound(spec.queue(), spec.type()));
        return new JobSpec(spec.queue(), spec.type(), sealed.bytes(), spec.options(), sealed.encoding());
    }

    static JobSpec sealHere(QueueStore store, JobSpec spec) {
        PayloadCodec codec = store.payloads();
        if (!codec.seals() || !spec.encoding().isEmpty()) {
            return spec;
        }
        Sealed sealed = codec.sealHere(spec.payload(), bound(spec.queue(), spec.type()));
        return new JobSpec(spec.queue(), spec.type(), sealed.bytes(), spec.options(), sealed.encoding());
    }

    static JobSpec open(QueueStore store, JobSpec spec) {
        return spec.encoding().isEmpty()
                ? spec
                : new JobSpec(
                        spec.queue(),
                        spec.type(),
                        store.payloads().open(of(spec), bound(spec.queue(), spec.type())),
                        spec.options());
    }

    static byte[] open(QueueStore store, Job job) {
        return job.encoding().isEmpty()
                ? job.payload()
                : store.payloads()
                        .open(
                                new Sealed(job.encoding(), job.payload()),
                                bound(job.id().queue(), job.type()));
    }

    /** Results, steps and signals are bound to their job and name: no legal queue begins with the sign of equality. */
    private static String bound(String what, JobId id, String name) {
        return "=" + what + "\n" + id + "\n" + name;
    }

    static String result(JobId id) {
        return bound("result", id, "");
    }

    static String step(JobId id, String name) {
        return bound("step", id, name);
    }

    static String piece(JobId id) {
        return bound("piece", id, "");
    }

    static String signal(JobId id, String name) {
        return bound("signal", id, name);
    }

    /** Without a sealed result: for lists, where it would be opened only to be cut. */
    static Job closed(Job job) {
        return job.resultEncoding().isEmpty() ? job : with(job, null);
    }

    /** With its result opened, without it if it cannot be opened here. Time: 1 us a KiB, 10 where it was compressed. */
    static Job opened(QueueStore store, Job job) {
        byte[] result = job.result();
        if (job.resultEncoding().isEmpty() || result == null) {
            return job;
        }
        try {
            return with(job, store.payloads().openValue(result, result(job.id())));
        } catch (PayloadException unreadable) {
            return with(job, null);
        }
    }

    private static Job with(Job job, byte @Nullable [] result) {
        return new Job(
                job.id(),
                job.type(),
                job.state(),
                job.payload(),
                job.options(),
                job.attempt(),
                job.deliveries(),
                job.maxAttempts(),
                job.createdAt(),
                job.runAt(),
                job.startedAt(),
                job.finishedAt(),
                job.progress(),
                result,
                job.error(),
                job.worker(),
                job.cancelRequested(),
                job.encoding(),
                job.resultEncoding());
    }

    static Refused refused(String queue, PayloadException closed) {
        boolean large = closed.reason() == PayloadException.Reason.TOO_LARGE;
        return new Refused(
                large ? Reason.TOO_LARGE : Reason.PAYLOAD_STORE,
                large ? Duration.ZERO : LATER,
                "queue \"" + queue + "\": not added, " + closed.getMessage());
    }
}
