package io.penstock.queue;

import io.penstock.job.JobError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one delivery of a job ended, as its worker reports it.
 *
 * @param startedAtMillis when the handler was called, 0 if it never was
 * @param pause before the next run: RETRIED and SNOOZED only
 * @param result JSON text in UTF-8 that the handler gave, as {@link LeasedJob#sealResult} made it: COMPLETED only
 * @param awaits signal for which the job waits until {@code pause} is over, or null: SNOOZED only
 */
public record Ending(
        LeasedJob job,
        Kind kind,
        long startedAtMillis,
        long finishedAtMillis,
        Duration pause,
        @Nullable JobError error,
        byte @Nullable [] result,
        @Nullable String awaits) {

    /** An end that waits for no signal. */
    public Ending(
            LeasedJob job,
            Kind kind,
            long startedAtMillis,
            long finishedAtMillis,
            Duration pause,
            @Nullable JobError error,
            byte @Nullable [] result) {
        this(job, kind, startedAtMillis, finishedAtMillis, pause, error, result, null);
    }

    /** What becomes of the job. */
    public enum Kind {
        /** Its handler returned. */
        COMPLETED,
        /** The attempt failed and is charged; the next one comes after {@code pause}. */
        RETRIED,
        /** It runs again after {@code pause}; no attempt is charged. */
        SNOOZED,
        /** A dead letter. */
        FAILED,
        /** It was asked to stop and did. */
        CANCELLED,
        /** Handed back unrun or interrupted by shutdown; no attempt is charged, it goes to the head of its line. */
        RELEASED
    }

    /** The handler returned. */
    public static Ending completed(LeasedJob job, long startedAt, long finishedAt, byte @Nullable [] result) {
        return new Ending(job, Kind.COMPLETED, startedAt, finishedAt, Duration.ZERO, null, result);
    }

    /** The attempt failed; try again after this wait. */
    public static Ending retried(LeasedJob job, long startedAt, long finishedAt, Duration wait, JobError error) {
        return new Ending(job, Kind.RETRIED, startedAt, finishedAt, wait, error, null);
    }

    /** The handler wants to go on later. */
    public static Ending snoozed(LeasedJob job, long startedAt, long finishedAt, Duration wait) {
        return new Ending(job, Kind.SNOOZED, startedAt, finishedAt, wait, null, null);
    }

    /** Out of attempts or not to be retried. */
    public static Ending failed(LeasedJob job, long startedAt, long finishedAt, JobError error) {
        return new Ending(job, Kind.FAILED, startedAt, finishedAt, Duration.ZERO, error, null);
    }

    /** Stopped on request. */
    public static Ending cancelled(LeasedJob job, long startedAt, long finishedAt, @Nullable JobError error) {
        return new Ending(job, Kind.CANCELLED, startedAt, finishedAt, Duration.ZERO, error, null);
    }

    /** Back to the head of its line, uncharged. */
    public static Ending released(LeasedJob job) {
        return new Ending(job, Kind.RELEASED, 0, 0, Duration.ZERO, null, null);
    }
}
