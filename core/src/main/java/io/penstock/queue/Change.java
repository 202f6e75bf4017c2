package io.penstock.queue;

import io.penstock.job.JobState;
import org.jspecify.annotations.Nullable;

/**
 * What became of an operator's wish for one job.
 *
 * @param state the job's state when the wish was decided; null if there is no such job
 * @param message empty when done
 */
public record Change(Result result, @Nullable JobState state, String message) {
    /** The outcome. */
    public enum Result {
        /** Done. */
        DONE,
        /** A running job was asked to stop; it ends as cancelled when its handler gives up. */
        ASKED,
        /** There is no such job. */
        NOT_FOUND,
        /** The job's state does not allow it, or it changed meanwhile. */
        CONFLICT
    }

    static Change done(JobState state) {
        return new Change(Result.DONE, state, "");
    }

    static Change notFound() {
        return new Change(Result.NOT_FOUND, null, "there is no such job: it never was, or its record has been pruned");
    }

    static Change conflict(JobState state, String message) {
        return new Change(Result.CONFLICT, state, message);
    }

    /** Tells whether the wish was fulfilled or is under way. */
    public boolean ok() {
        return result == Result.DONE || result == Result.ASKED;
    }
}
