package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.job.RetryPolicy;
import io.penstock.memory.admission.LoadLine;
import io.penstock.memory.leak.JobToken;
import io.penstock.memory.leak.LeakDetector;
import io.penstock.queue.LeasedJob;
import io.penstock.runtime.Clock;
import io.penstock.worker.Outcome.Verdict;
import io.penstock.worker.Run.Stop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one job: marked if it may be poison, timeout armed, decoded, called, its outcome told.
 *
 * <p>Whatever the handler does, {@link #run} returns normally with the run ended exactly once and the interrupt flag
 * clear. An outcome is decided after the run has left its slot, so nothing can interrupt that part.
 *
 * <p>Threads: safe; one for all slots of a worker.
 */
final class JobRunner {
    /** Another worker may know the type. Doubled with each snooze of the job, up to an hour: a million go round slowly. */
    static final Duration UNKNOWN_WAIT = Duration.ofSeconds(30);

    private static final int MOST_DOUBLINGS = 7;

    /** Times that a job too large for this heap is put off, for a worker with a larger one to take it. */
    private static final int MOST_REFUSALS = 3;

    /** Uncharged runs that ended without memory while others ran; then each counts. */
    private static final int MOST_FREE_RUNS = 6;

    /** Doubled each time: a collection or two, and the line has drawn back by then. */
    private static final Duration OUT_OF_MEMORY_WAIT = Duration.ofMillis(500);

    /** The type that the store gives to a record that it cannot read. */
    private static final String UNREADABLE = "unreadable-record";

    private static final long UNKNOWN_LOG_NANOS = Duration.ofMinutes(1).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Clock clock;
    private final Handlers handlers;
    private final Runnable timeoutArmed;
    private final @Nullable LeakDetector leaks;
    private final ChunkRunner chunks;
    private final AtomicLong unknown = new AtomicLong();
    private volatile long unknownLoggedNanos;

    /**
     * @param timeoutArmed is told when a run with a timeout begins
     * @param leaks sees whose contexts stay when their jobs have ended; null = nobody looks
     */
    JobRunner(Clock clock, Handlers handlers, Runnable timeoutArmed, @Nullable LeakDetector leaks) {
        this.leaks = leaks;
        this.clock = clock;
        this.handlers = handlers;
        this.timeoutArmed = timeoutArmed;
        this.chunks = new ChunkRunner(clock, handlers, this, leaks);
        this.unknownLoggedNanos = clock.nanos() - UNKNOWN_LOG_NANOS;
    }

    /** Returns false if the run was abandoned while it ran: then its thread has no slot any more and must end. */
    boolean run(Run run, Slot slot) {
        if (run.chunk != null) {
            return chunks.run(run, run.chunk, slot);
        }
        slot.begin(run);
        JobToken token = null;
        Handlers.@Nullable Known<?> known = null;
        Throwable thrown = null;
        try { // from the first line on: a run that is lost here is active as long as this worker lives
            run.permit.begin();
            token = leaks == null ? null : leaks.watch(run.job.type());
            run.context.watched = token;
            known = handlers.find(run.job.type());
            call(run, known);
        } catch (Handlers.Locked locked) {
            thrown = unknown(run, "cannot be read here: " + locked.getMessage(), "give this worker the key");
        } catch (Throwable any) { // Error too: a slot must outlive whatever a handler does
            thrown = any;
        }
        learn(run, token, thrown);
        if (!slot.end(run)) {
            return false;
        }
        run.end(outcome(run, known, thrown));
        return true;
    }

    /** Never throws: what is learned from a run is worth less than its end. */
    private void learn(Run run, @Nullable JobToken token, @Nullable Throwable thrown) {
        try {
            run.permit.end(thrown);
            if (leaks != null && token != null) {
                leaks.finished(token);
            }
        } catch (Throwable noMemory) {
            LOG.trace("nothing was learned from a run", noMemory);
        }
    }

    private void call(Run run, Handlers.@Nullable Known<?> known) throws Exception {
        LeasedJob job = run.job;
        if (run.hold.lost() || run.hold.fenced()) {
            throw new Verdict(Outcome.RELEASED);
        }
        if (run.hold.cancelled(job.id().serial())) {
            throw new Verdict(Outcome.CANCELLED);
        }
        if (known == null) {
            throw unknownType(run);
        }
        if (run.permit.impossible()) {
            throw tooLarge(job);
        }
        markCrashed(run);
        run.startedAtMillis = clock.millis();
        arm(run, known);
        if (handlers.interceptors().isEmpty()) {
            known.call(job, run.context);
        } else {
            intercepted(run, known);
        }
    }

    /** Redis is to know that a job which was in hand at a crash runs again, before it does. */
    void markCrashed(Run run) throws InterruptedException {
        LeasedJob job = run.job;
        if (job.crashes() > 0
                && !Run.await(run.hold.intake.store().markStarted(job), "marking the start of a crashed job")) {
            throw new Verdict(Outcome.RELEASED);
        }
    }

    private void arm(Run run, Handlers.Known<?> known) {
        Duration own = run.job.options().timeout();
        long nanos = own == null ? known.timeoutNanos() : own.toNanos();
        if (nanos > 0) {
            arm(run, nanos);
        }
    }

    void arm(Run run, long nanos) {
        run.timeOutAt(clock.nanos() + nanos);
        timeoutArmed.run();
    }

    private void intercepted(Run run, Handlers.Known<?> known) throws Exception {
        List<Interceptor> all = handlers.interceptors(); // one view for before and after
        int entered = 0;
        Throwable thrown = null;
        try {
            for (; entered < all.size(); entered++) {
                all.get(entered).before(run.context);
            }
            known.call(run.job, run.context);
        } catch (Throwable any) {
            thrown = any;
            throw any;
        } finally {
            for (int i = entered - 1; i >= 0; i--) {
                leave(all.get(i), run, thrown);
            }
        }
    }

    static void leave(Interceptor interceptor, Run run, @Nullable Throwable thrown) {
        try {
            if (thrown == null || thrown instanceof Verdict) {
                interceptor.after(run.context);
            } else {
                interceptor.error(run.context, thrown);
            }
        } catch (Throwable faulty) { // tracing that cannot load a class must not fail jobs that succeeded
            LOG.warn(
                    "interceptor={} threw after a run; ignored",
                    interceptor.getClass().getName(),
                    faulty);
        }
    }

    private Verdict unknownType(Run run) {
        if (run.job.type().equals(UNREADABLE)) {
            return new Verdict(Outcome.failed(new JobError(UNREADABLE, "its record has no header", null)));
        }
        return unknown(run, "has no handler in this worker", "register a handler or delete the jobs");
    }

    /** Puts a job off that another worker, or this one after a change, may be able to run. */
    private Verdict unknown(Run run, String why, String help) {
        Duration pause = UNKNOWN_WAIT.multipliedBy(1L << Math.min(run.job.snoozes(), MOST_DOUBLINGS));
        long count = unknown.incrementAndGet();
        long now = clock.nanos();
        if (now - unknownLoggedNanos >= UNKNOWN_LOG_NANOS) {
            unknownLoggedNanos = now;
            LOG.warn(
                    "queue={} type={} {}; job={} and its like wait {} for a worker that can (unknown so far={}); {}",
                    run.job.id().queue(),
                    run.job.type(),
                    why,
                    run.job.id(),
                    pause,
                    count,
                    help);
        }
        return new Verdict(Outcome.snoozed(pause));
    }

    /** A job that needs more than this heap: others may have a larger one, so it goes round before it is a dead letter. */
    private static Verdict tooLarge(LeasedJob job) {
        String why =
                "needs more memory than the heap of " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB: it declared "
                        + job.options().memoryBytes() + " bytes; ";
        if (job.snoozes() < MOST_REFUSALS) {
            LOG.warn("job={} type={} {}it waits for a larger worker; raise -Xmx", job.id(), job.type(), why);
            return new Verdict(Outcome.snoozed(UNKNOWN_WAIT));
        }
        return new Verdict(Outcome.failed(new JobError(
                "too-large", why + "no other worker took it; raise -Xmx or declare what it really needs", null)));
    }

    /** Never throws: without memory to describe a failure it gives a prepared outcome. */
    Outcome outcome(Run run, Handlers.@Nullable Known<?> known, @Nullable Throwable thrown) {
        try {
            run.finishedAtMillis = clock.millis();
            run.context.flush(true);
            Stop stop = run.stop;
            return stop == null ? unstopped(run, known, thrown) : stopped(run, known, thrown, stop);
        } catch (Throwable noMemory) {
            boolean last = run.job.attempt() >= RetryPolicy.DEFAULT.maxAttempts();
            return last ? Outcome.INDESCRIBABLE_AND_LAST : Outcome.INDESCRIBABLE;
        }
    }

    /** Ends a job of a chunk while the others go on. */
    void conclude(Run run, Outcome outcome) {
        run.finishedAtMillis = clock.millis();
        run.context.flush(true);
        run.end(outcome);
    }

    private static Outcome unstopped(Run run, Handlers.@Nullable Known<?> known, @Nullable Throwable thrown) {
        if (thrown == null) {
            return Outcome.COMPLETED;
        }
        if (thrown instanceof Verdict verdict) {
            return verdict.outcome();
        }
        if (thrown instanceof Handlers.Undecodable) {
            return Outcome.failed(new JobError("undecodable", String.valueOf(thrown.getMessage()), null));
        }
        if (LoadLine.ranOut(thrown) && run.permit.crowded() && run.job.snoozes() < MOST_FREE_RUNS) {
            // it did not run alone, so it cannot be blamed; by itself it will be charged
            return Outcome.snoozed(OUT_OF_MEMORY_WAIT.multipliedBy(1L << run.job.snoozes()));
        }
        LOG.debug("job={} attempt={} failed", run.job.id(), run.job.attempt(), thrown);
        return Outcome.afterFailure(run.job, policy(known), thrown, JobError.of(thrown));
    }

    /**
     * A handler that was asked to stop and threw has stopped. One that returned may have finished or given up: if it can
     * know of the request (it asked, or it consumed the interrupt) it is taken to have given up, because running a job
     * twice is promised to happen and losing one is promised not to.
     */
    private static Outcome stopped(Run run, Handlers.@Nullable Known<?> known, @Nullable Throwable thrown, Stop stop) {
        boolean finished = thrown == null && !run.stopSeen;
        return switch (stop) {
            case TIMEOUT -> timedOut(run, known, thrown);
            case CANCELLED -> finished ? Outcome.COMPLETED : Outcome.CANCELLED;
            case LEASE_LOST, SHUTDOWN -> finished ? Outcome.COMPLETED : Outcome.RELEASED;
        };
    }

    private static Outcome timedOut(Run run, Handlers.@Nullable Known<?> known, @Nullable Throwable thrown) {
        String limit = String.valueOf(timeout(run, known));
        String message = "attempt " + run.job.attempt() + " ran longer than its timeout " + limit
                + " and was interrupted; raise the timeout or cut the job into steps";
        TimeoutException error = new TimeoutException(message);
        String stack = thrown == null ? null : JobError.of(thrown).stack();
        return Outcome.afterFailure(run.job, policy(known), error, new JobError("timeout", message, stack));
    }

    private static @Nullable Duration timeout(Run run, Handlers.@Nullable Known<?> known) {
        Duration own = run.job.options().timeout();
        return own != null || known == null ? own : known.type().options().timeout();
    }

    private static RetryPolicy policy(Handlers.@Nullable Known<?> known) {
        return known == null ? RetryPolicy.DEFAULT : known.retry();
    }

    /** Ends a run whose handler ignored its interrupt for so long that its slot was given to another thread. */
    void abandon(Run run, Slot slot, Duration patience) {
        LOG.warn(
                "job={} type={} thread={} ignored its interrupt ({}) for {}; the thread is left behind, its slot goes to"
                        + " a new one; make the handler heed Thread.interrupted()",
                run.job.id(),
                run.job.type(),
                slot,
                run.stop,
                patience);
        if (run.chunk == null) {
            run.end(abandonedOutcome(run, handlers.find(run.job.type())));
        } else {
            run.chunk.settle(null, true);
        }
    }

    Outcome abandonedOutcome(Run run, Handlers.@Nullable Known<?> known) {
        Stop stop = run.stop;
        run.finishedAtMillis = clock.millis();
        if (stop != Stop.TIMEOUT) {
            return stop == Stop.CANCELLED ? Outcome.CANCELLED : Outcome.RELEASED;
        }
        return timedOut(run, known, null);
    }
}
