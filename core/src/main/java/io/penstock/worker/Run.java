package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.memory.admission.Permit;
import io.penstock.queue.Ending;
import io.penstock.queue.LeasedJob;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of one job on its way through this worker: the value that the pipe of {@link JobRunner} works on.
 *
 * <p>It is also the link of the list of ended runs, so that reporting an end needs no memory and cannot fail.
 */
final class Run {
    /** Every call has a deadline of its own, well below this; this one only guards against a call that forgot it. */
    private static final Duration LONGEST_CALL = Duration.ofSeconds(30);

    /** Why a running handler is interrupted. */
    enum Stop {
        TIMEOUT,
        CANCELLED,
        LEASE_LOST,
        SHUTDOWN
    }

    final LeasedJob job;
    final Hold hold;
    final JobContext context;
    final Permit permit;

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

    /** Whether its thread was left behind: what it holds is held on until that thread comes back. */
    volatile boolean abandoned;

    /** The jobs that it stands for in a slot; null = it is a job itself. Such a one never ends, its jobs do. */
    @Nullable
    Chunk<?> chunk;

    /** Since when it waits for room, while it is {@link Standing}. */
    long standsSinceNanos;

    private volatile byte @Nullable [] result;
    private @Nullable Outcome outcome;
    private boolean simplified;
    private byte @Nullable [] sealed;

    @Nullable
    Run next;

    Run(LeasedJob job, Hold hold, Permit permit) {
        this.job = job;
        this.hold = hold;
        this.permit = permit;
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
        if (!abandoned) {
            permit.leave();
        }
    }

    Outcome outcome() {
        return Objects.requireNonNull(outcome);
    }

    Ending ending() {
        Outcome o = outcome();
        return new Ending(job, o.kind(), startedAtMillis, finishedAtMillis, o.pause(), o.error(), sealed, o.awaits());
    }

    /** Keeps what the handler gave, sealed on the handler's thread. */
    void keep(byte[] json) {
        result = job.sealResult(json);
    }

    /** Replaces an outcome that cannot be written down by a plain one; false if it is that already. */
    boolean simplify(RuntimeException unwritable) {
        if (simplified) {
            return false;
        }
        simplified = true;
        outcome = Outcome.failed(new JobError(
                "unwritable", "its outcome " + outcome().kind() + " could not be written: " + unwritable, null));
        return true;
    }

    /** The take loop has it: what a stray thread of the handler says from now on does not count. */
    void seal() {
        sealed = outcome().kind() == Ending.Kind.COMPLETED ? result : null;
    }

    int resultBytes() {
        return sealed == null ? 0 : sealed.length;
    }

    /** Waits for an answer of Redis, on the handler's thread. */
    static <T> T await(CompletionStage<T> stage, String what) throws InterruptedException {
        try {
            return stage.toCompletableFuture().get(LONGEST_CALL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(what + " failed: " + failed.getCause(), failed.getCause());
        } catch (TimeoutException stuck) {
            throw new IllegalStateException(what + " had no answer for " + LONGEST_CALL + "; the attempt fails", stuck);
        }
    }

    @Override
    public String toString() {
        return "job " + job;
    }
}
