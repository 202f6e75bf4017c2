package io.penstock.server.operation;

import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Once;
import io.penstock.queue.Change;
import io.penstock.queue.JobSweep;
import io.penstock.server.engine.Engine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Completed jobs that an operation puts into their queues once more: as new jobs, because their results and history stay, and because
 * what prunes completed jobs takes them by the run.
 *
 * <p>A copy holds a key of its operation for {@link #REMEMBERED}, so that a step that is done again makes none a second time.
 * Threads: one. Nothing here waits.
 */
final class Copies {
    /** A step is done again within seconds of a server's death, some minutes later at worst. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final Engine engine;
    private final String operation;

    Copies(Engine engine, String operation) {
        this.engine = engine;
        this.operation = operation;
    }

    CompletionStage<Change> of(JobSweep sweep, JobId id) {
        return sweep.whole(List.of(id)).thenCompose(found -> {
            Job job = found.isEmpty() ? null : found.get(0);
            if (job == null || job.state() != JobState.COMPLETED) {
                return CompletableFuture.completedStage(
                        new Change(Change.Result.NOT_FOUND, job == null ? null : job.state(), "it is gone"));
            }
            return engine.enqueueAtOnce(copy(job)).thenApply(Copies::told);
        });
    }

    private JobSpec copy(Job job) {
        JobOptions was = job.options();
        Once once = new Once("requeue." + operation + "." + job.id(), REMEMBERED);
        JobOptions now = new JobOptions(
                null,
                null,
                was.priority(),
                was.maxAttempts(),
                was.backoff(),
                was.timeout(),
                null,
                was.group(),
                was.memoryBytes(),
                was.retention(),
                was.metadata(),
                was.limit(),
                once);
        return new JobSpec(job.id().queue(), job.type(), job.payload(), now, job.encoding());
    }

    private static Change told(Enqueued answer) {
        if (answer instanceof Enqueued.Refused refused) {
            return new Change(Change.Result.CONFLICT, JobState.COMPLETED, refused.message());
        }
        return answer instanceof Enqueued.Duplicate
                ? new Change(Change.Result.CONFLICT, JobState.WAITING, "this operation has copied it already")
                : new Change(Change.Result.DONE, JobState.WAITING, "");
    }
}
