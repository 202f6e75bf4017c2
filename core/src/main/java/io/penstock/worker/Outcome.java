package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.queue.Ending;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one run: the closed set of answers that {@link JobRunner} gives.
 *
 * @param pause before the next run: RETRIED and SNOOZED only
 */
record Outcome(Ending.Kind kind, Duration pause, @Nullable JobError error) {
    /** Shared, so that the common end of a job allocates nothing. */
    static final Outcome COMPLETED = new Outcome(Ending.Kind.COMPLETED, Duration.ZERO, null);

    static final Outcome RELEASED = new Outcome(Ending.Kind.RELEASED, Duration.ZERO, null);

    static final Outcome CANCELLED = new Outcome(Ending.Kind.CANCELLED, Duration.ZERO, null);

    private static final JobError NO_MEMORY =
            new JobError("java.lang.Error", "the attempt failed and memory did not suffice to say how", null);

    /** Made beforehand, for when there is no memory to describe a failure. */
    static final Outcome INDESCRIBABLE = retried(Duration.ofSeconds(10), NO_MEMORY);

    static final Outcome INDESCRIBABLE_AND_LAST = failed(NO_MEMORY);

    static Outcome retried(Duration wait, JobError error) {
        return new Outcome(Ending.Kind.RETRIED, wait, error);
    }

    static Outcome snoozed(Duration wait) {
        return new Outcome(Ending.Kind.SNOOZED, wait, null);
    }

    static Outcome failed(JobError error) {
        return new Outcome(Ending.Kind.FAILED, Duration.ZERO, error);
    }
}
