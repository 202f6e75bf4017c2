package io.penstock.queue;

import io.penstock.job.Enqueued;
import io.penstock.job.JobSpec;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One stream of jobs being added: counts the answers and holds the reader back while many are under way. */
final class BulkRun {
    /** Two calls on their way and two being gathered. */
    static final int MOST_IN_FLIGHT = 4 * QueueStore.MAX_BATCH;

    private final String queue;
    private final String place;
    private final Enqueuer enqueuer;
    private final Semaphore room = new Semaphore(MOST_IN_FLIGHT);
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicReference<Enqueued.@Nullable Refused> firstRefusal = new AtomicReference<>();

    /** @param place of all jobs in a batch, or "" */
    BulkRun(String queue, String place, Enqueuer enqueuer) {
        this.queue = queue;
        this.place = place;
        this.enqueuer = enqueuer;
    }

    /** False once a job was refused: the rest of the stream should stay unread. */
    boolean add(JobSpec spec) {
        if (!spec.queue().equals(queue)) {
            throw new IllegalArgumentException("job for queue \"" + spec.queue() + "\" in a stream for \"" + queue
                    + "\"; the jobs before it were added; split the stream by queue");
        }
        if (firstRefusal.get() != null) {
            return false;
        }
        room.acquireUninterruptibly();
        enqueuer.add(new Item(spec));
        return true;
    }

    EnqueueSummary finish() {
        room.acquireUninterruptibly(MOST_IN_FLIGHT);
        return new EnqueueSummary(accepted.get(), duplicates.get(), refused.get(), firstRefusal.get());
    }

    private final class Item extends Enqueuer.Entry {
        Item(JobSpec spec) {
            super(spec, place, false);
        }

        @Override
        void accepted(String serial) {
            accepted.incrementAndGet();
            room.release();
        }

        @Override
        void duplicate(String holder, boolean replaced) {
            duplicates.incrementAndGet();
            room.release();
        }

        @Override
        void refused(Enqueued.Refused why) {
            refused.incrementAndGet();
            firstRefusal.compareAndSet(null, why);
            room.release();
        }
    }
}
