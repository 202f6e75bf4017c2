package io.penstock.worker;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;

/**
 * Looks after the running jobs from the timer: timeouts, handlers that ignore their interrupt, notes to be sent, jobs
 * that wait here too long.
 *
 * <p>One sweep over the slots stands for a timer for each job: every 50 ms while a job with a timeout runs or one was
 * interrupted, else every second. So a timeout strikes up to 50 ms late.
 */
final class Watch implements AutoCloseable {
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration CALM = Duration.ofSeconds(1);

    /** A job that found no free runner here for this long is better off with another worker. */
    private static final long STALE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Clock clock;
    private final Runners runners;
    private final JobRunner runner;
    private final Duration abandonAfter;
    private final Task task;
    private long calmNanos;
    private volatile boolean soon;

    Watch(Timer timer, WorkerConfig config, Runners runners, JobRunner runner) {
        this.clock = timer.clock();
        this.runners = runners;
        this.runner = runner;
        this.abandonAfter = config.abandonAfter();
        this.calmNanos = clock.nanos();
        this.task = timer.every("watch " + config.name(), CALM, this::sweep);
    }

    /** A run with a timeout has begun, or a running one was interrupted. */
    void look() {
        if (!soon) {
            soon = true;
            task.reschedule(SOON);
        }
    }

    private void sweep() {
        long now = clock.nanos();
        boolean calm = now - calmNanos >= CALM.toNanos();
        // first the flag, then the look: a run armed behind our back sees it down and calls us again
        soon = false;
        boolean more = false;
        for (Slot slot : runners.slots()) {
            Run run = slot.running();
            if (run != null) {
                more |= look(slot, run, now);
                if (calm) {
                    run.context.flush(false);
                }
            }
        }
        if (calm) {
            calmNanos = now;
            runners.releaseOlder(now, STALE_NANOS);
        }
        if (more) {
            look();
        }
    }

    /** Returns whether the run wants to be looked at again soon. */
    private boolean look(Slot slot, Run run, long now) {
        if (run.stop == null) {
            if (run.overdue(now)) {
                slot.stop(run, Run.Stop.TIMEOUT, now);
            }
            return run.timed();
        }
        if (now - run.stoppedAtNanos >= abandonAfter.toNanos()) {
            abandon(slot, run, false);
        }
        return true;
    }

    /** Takes a run from a handler that does not heed its interrupt, and ends it. */
    void abandon(Slot slot, Run run, boolean stopping) {
        if (runners.abandon(slot, run, stopping)) {
            runner.abandon(run, slot, abandonAfter);
        }
    }

    @Override
    public void close() {
        task.close();
    }
}
