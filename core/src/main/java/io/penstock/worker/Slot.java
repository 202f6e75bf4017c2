package io.penstock.worker;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One runner: a thread that runs one job after the other, and the only door through which that thread is interrupted.
 *
 * <p>The lock makes an interrupt and the end of a run exclude one another, so an interrupt meant for one job never hits
 * the next. It is held for a few instructions.
 */
final class Slot implements Runnable {
    private final Runners runners;
    private final JobRunner runner;

    /** Whether its thread tells what its jobs allocate where others do not. */
    final boolean gauge;

    private volatile @Nullable Run running; // taken away only under this
    private volatile @Nullable Thread thread;
    private volatile boolean wokenUp = true; // a slot is started because there is work
    private volatile boolean retired;

    Slot(Runners runners, JobRunner runner, boolean gauge) {
        this.runners = runners;
        this.runner = runner;
        this.gauge = gauge;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            Run run = runners.next(this);
            while (run != null) {
                if (!runner.run(run, this)) {
                    run.permit.leave();
                    runners.cameBack();
                    break;
                }
                run = runners.next(this);
            }
        } finally {
            runners.left(this);
        }
    }

    @Nullable
    Run running() {
        return running;
    }

    void begin(Run run) {
        running = run;
    }

    /**
     * Takes the run off this slot and clears the interrupt flag; false = the run was abandoned, its end was reported by
     * another, and this thread has no slot any more.
     */
    synchronized boolean end(Run run) {
        boolean unseen = Thread.interrupted();
        if (running != run) {
            return false;
        }
        running = null;
        if (run.stop != null && !unseen) {
            run.stopSeen = true;
        }
        return true;
    }

    /** Interrupts this run, unless it has ended or was stopped before. */
    synchronized boolean stop(Run run, Run.Stop why, long nowNanos) {
        Thread runs = thread;
        if (running != run || run.stop != null || runs == null) {
            return false;
        }
        run.stoppedAtNanos = nowNanos;
        run.stop = why;
        runs.interrupt();
        return true;
    }

    /** Takes the run away from a thread that does not heed its interrupt; true = the caller must end the run. */
    synchronized boolean abandon(Run run) {
        if (running != run) {
            return false;
        }
        running = null;
        run.abandoned = true;
        return true;
    }

    /** Wakes its thread, which then holds the one wake-up that may be under way. */
    void wake() {
        wokenUp = true;
        LockSupport.unpark(thread);
    }

    /** Called by its own thread: whether it holds the wake-up; it no longer does. */
    boolean takeWakeUp() {
        boolean was = wokenUp;
        if (was) {
            wokenUp = false;
        }
        return was;
    }

    boolean retired() {
        return retired;
    }

    void retired(boolean out) {
        retired = out;
    }

    @Override
    public String toString() {
        Thread runs = thread;
        return runs == null ? "a slot not begun" : runs.getName();
    }
}
