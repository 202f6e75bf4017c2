package io.penstock.memory.leak;

/**
 * What a job's context holds for as long as it lives, so that the watch sees when it goes.
 *
 * <p>It leads to the name of the job's type and to nothing of the job: the watch cannot keep a payload by it. Most jobs
 * of a type share one; those that are watched have their own.
 */
public final class JobToken {
    private final JobKind kind;
    private final boolean watched;

    JobToken(JobKind kind, boolean watched) {
        this.kind = kind;
        this.watched = watched;
    }

    JobKind kind() {
        return kind;
    }

    boolean watched() {
        return watched;
    }
}
