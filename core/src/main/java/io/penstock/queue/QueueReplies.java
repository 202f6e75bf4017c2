package io.penstock.queue;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The answers of {@link QueueStore} to a worker and to the timer. */
public final class QueueReplies {
    private QueueReplies() {}

    /**
     * What became of a batch of endings.
     *
     * @param applied endings that counted
     * @param refused serials of jobs that the lease did not hold any more
     * @param completedKept completed jobs now kept, as a hint to the pruner
     */
    public record Finished(int applied, List<String> refused, long completedKept) {}

    /**
     * What a renewal told.
     *
     * @param held false if the lease was reclaimed and is gone for good
     * @param cancelRequested serials of jobs of the queue that were asked to stop, whoever runs them; at most 1,000
     * @param paused whether the queue is paused
     * @param quiet whether this worker was asked to take no more jobs
     * @param stop whether it was asked to end what it runs and leave
     */
    public record Extended(boolean held, Set<String> cancelRequested, boolean paused, boolean quiet, boolean stop) {}

    /**
     * What a promotion moved.
     *
     * @param nextDueInMillis time until the next delayed job is due; -1 if there is none
     */
    public record Promoted(int moved, long nextDueInMillis) {}

    /**
     * Whether what a job waits for is there.
     *
     * @param value of the signal, JSON; null if none came, or nothing but time was waited for
     * @param leftMillis how long to wait yet; 0 = the time is over
     */
    @SuppressWarnings("ArrayRecordComponent") // made once, read once
    public record Waited(byte @Nullable [] value, long leftMillis) {}
}
