package io.penstock.worker;

import io.penstock.queue.Ending;
import io.penstock.queue.LeasedJob;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of one job on its way through this worker: the value that the pipe of {@link JobRunner} works on.
 *
 * <p>It is also the link of the list of ended runs, so that reporting an end needs no memory and cannot fail.
 */
final class Run {
    final LeasedJob job;
    final Hold hold;
    final JobContext context;

    /** 0 until the handler is called. */
    volatile long startedAtMillis;

    long finishedAtMillis;

    /** When the timeout strikes; valid if {@link #timed}. */
    private long deadlineNanos;

    private volatile boolean timed;

    // written once, under the lock of the slot that runs this
    volatile @Nullable Stop stop;
    volatile long stoppedAtNanos;

    /** Whether the handler can know that it was stopped: it asked, or it consumed the interrupt. */
    volatile boolean stopSeen;

    /** Whether it is the one run that may be poison and runs now. */
    boolean allowed;

    byte @Nullable [] result;
    private @Nullable Outcome outcome;
    @Nullable Run next;

    Run(LeasedJob job, Hold hold) {
        this.job = job;
        this.hold = hold;
        this.context = new JobContext(this);
    }

    void timeOutAt(long nanos) {
        deadlineNanos = nanos;
        timed = true;
    }

    boolean timed() {
        return timed;
    }

    boolean overdue(long nowNanos) {
        return timed && nowNanos - deadlineNanos >= 0;
    }

    /** Hands the outcome over; called once for each run, by whoever detached it from its slot or its batch. */
    void end(Outcome decided) {
        outcome = decided;
        hold.intake.end(this);
    }

    Outcome outcome() {
        return Objects.requireNonNull(outcome);
    }

    Ending ending() {
        Outcome o = outcome();
        byte[] given = o.kind() == Ending.Kind.COMPLETED ? result : null;
        return new Ending(job, o.kind(), startedAtMillis, finishedAtMillis, o.pause(), o.error(), given);
    }

    int resultBytes() {
        byte[] given = result;
        return given == null ? 0 : given.length;
    }

    @Override
    public String toString() {
        return "job " + job;
    }
}
