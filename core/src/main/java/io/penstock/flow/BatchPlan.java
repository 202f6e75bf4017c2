package io.penstock.flow;

import io.penstock.job.JobSpec;
import io.penstock.job.Names;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a batch: its name, where it is kept, and the jobs that run when all of its jobs have ended. Immutable.
 *
 * @param queue whose keys hold the batch; its jobs may go to any queue
 * @param onComplete runs in any case
 * @param onSuccess runs if all jobs completed
 * @param onFailure runs if a job failed or was cancelled
 */
public record BatchPlan(
        String name,
        String queue,
        @Nullable JobSpec onComplete,
        @Nullable JobSpec onSuccess,
        @Nullable JobSpec onFailure) {
    public BatchPlan {
        Names.check("batch", name);
        Names.check("queue", queue);
    }

    /** A batch without callbacks. */
    public static BatchPlan named(String name, String queue) {
        return new BatchPlan(name, queue, null, null, null);
    }

    /** Runs this job when all jobs have ended. */
    public BatchPlan onComplete(@Nullable JobSpec spec) {
        return new BatchPlan(name, queue, spec, onSuccess, onFailure);
    }

    /** Runs this job when all jobs have completed. */
    public BatchPlan onSuccess(@Nullable JobSpec spec) {
        return new BatchPlan(name, queue, onComplete, spec, onFailure);
    }

    /** Runs this job when all jobs have ended and some did not complete. */
    public BatchPlan onFailure(@Nullable JobSpec spec) {
        return new BatchPlan(name, queue, onComplete, onSuccess, spec);
    }
}
