package io.penstock.job;

import org.jspecify.annotations.Nullable;

/** The answer to somebody who waited for a job: it has ended, it is gone, or the time was over first. */
public sealed interface Awaited {
    /** The job has ended; state, result and error are those of {@code job}. */
    record Ended(Job job) implements Awaited {}

    /**
     * There is no such job (any more): it never was, was deleted, or ended and is not kept.
     *
     * @param state how it ended, if that was heard; else null
     */
    record Gone(JobId id, @Nullable JobState state) implements Awaited {}

    /**
     * The time was over before the job had ended; it goes its way all the same.
     *
     * @param job as it was seen last; null if Redis did not answer
     */
    record Pending(JobId id, @Nullable Job job) implements Awaited {}
}
