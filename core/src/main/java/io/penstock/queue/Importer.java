package io.penstock.queue;

import io.penstock.job.Enqueued;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Retention;
import io.penstock.job.Unique;
import io.penstock.redis.Redis;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Adds jobs that have a past elsewhere, through the door of all others.
 *
 * <p>A job's origin is a throttle key that its record does not name. So it is remembered for its window whatever becomes of
 * the job: neither a job that is done nor one that an operator deleted comes again.
 *
 * <p>A dead letter comes in two steps, because no script both hands out a serial and ends a job: it is parked as a delayed
 * job that is due in the year 3000, then moved. Whoever dies in between leaves it parked; when its origin comes again, the
 * second step is done.
 */
final class Importer {
    /** No job of ours is due then: 3000-01-01 and an odd millisecond. */
    static final Instant PARKED = Instant.parse("3000-01-01T00:00:00.007Z");

    private final QueueStore store;
    private final Enqueuer enqueuer;
    private final JobMover mover;

    Importer(QueueStore store, Enqueuer enqueuer, JobMover mover) {
        this.store = store;
        this.enqueuer = enqueuer;
        this.mover = mover;
    }

    CompletionStage<Enqueued> add(ImportedJob job) {
        if (!job.spec().queue().equals(store.queue())) {
            throw new IllegalArgumentException("job for queue \"" + job.spec().queue() + "\" given to queue \""
                    + store.queue() + "\"; nothing was added; import it there");
        }
        Newcomer entry = new Newcomer(job);
        enqueuer.add(entry);
        JobError error = job.error();
        return error == null ? entry.answer : entry.answer.thenCompose(answer -> bury(job, error, answer));
    }

    private CompletionStage<Enqueued> bury(ImportedJob job, JobError error, Enqueued answer) {
        JobId id = answer instanceof Enqueued.Accepted in
                ? in.id()
                : answer instanceof Enqueued.Duplicate before ? before.id() : null;
        if (id == null) {
            return CompletableFuture.completedFuture(answer);
        }
        return mover.bury(id.serial(), PARKED.toEpochMilli(), finish(job, error))
                .handle((change, failure) -> failure == null
                        ? answer
                        : Refusals.of(store.queue(), Redis.unwrapped(failure))); // parked: sent again, it is found
    }

    /** It ended now: its time as a dead letter begins, however long ago it failed. */
    private FinishRecord finish(ImportedJob job, JobError error) {
        long now = store.clock().millis();
        Retention own = job.spec().options().retention();
        long until = own == null ? 0 : now + own.failed().toMillis();
        return new FinishRecord(JobState.FAILED, now, 0, "-", job.attempts(), false, until, error, null);
    }

    /** One job on its way. */
    private static final class Newcomer extends Enqueuer.Waiting {
        private final ImportedJob job;

        Newcomer(ImportedJob job) {
            super(job.error() == null ? job.spec() : parked(job.spec()));
            this.job = job;
        }

        private static JobSpec parked(JobSpec spec) {
            return new JobSpec(
                    spec.queue(), spec.type(), spec.payload(), spec.options().at(PARKED));
        }

        @Override
        byte[] record(long nowMillis, long readyMillis) {
            return StoredJob.encode(spec, job.attempts(), job.createdAt().toEpochMilli(), readyMillis);
        }

        @Override
        @Nullable
        Unique unique() {
            return Unique.throttle("import:" + job.origin(), job.window());
        }
    }
}
