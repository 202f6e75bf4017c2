package io.penstock.runtime;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that stands still until a test moves it; the timers it made run their due tasks on the test's own thread, in
 * order, each at its exact time.
 */
public final class ManualClock implements Clock {
    private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
    private final List<Timer> timers = new CopyOnWriteArrayList<>();

    /** Makes a timer that has no thread and is driven by {@link #advance}. */
    public Timer timer() {
        Timer timer = new Timer(this);
        timers.add(timer);
        return timer;
    }

    /** Moves time on, stopping at each task that falls due on the way. */
    public void advance(Duration span) {
        long end = nanos.get() + span.toNanos();
        runDue();
        while (true) {
            long next = Long.MAX_VALUE;
            for (Timer timer : timers) {
                next = Math.min(next, timer.nanosToNext());
            }
            if (next > end - nanos.get()) {
                break;
            }
            nanos.addAndGet(Math.max(0, next));
            runDue();
        }
        nanos.set(end);
    }

    /** Moves time on in one step, as a machine that was asleep sees it; then runs what has fallen due. */
    public void leap(Duration span) {
        nanos.addAndGet(span.toNanos());
        runDue();
    }

    /** Runs what is due now, without moving time. */
    public void runDue() {
        timers.forEach(Timer::runDue);
    }

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public long millis() {
        return 1_767_225_600_000L + nanos.get() / 1_000_000;
    }
}
