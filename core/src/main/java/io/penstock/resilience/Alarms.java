package io.penstock.resilience;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * All waits of all calls, as one task of the timer: a future is completed when its time has come.
 *
 * <p>Bound: {@value #MOST} waits. Threads: safe; futures complete on the timer's thread, so what hangs on them is short.
 */
final class Alarms implements AutoCloseable {
    static final int MOST = 10_000;
    private static final Duration IDLE = Duration.ofMinutes(1);

    private final Clock clock;
    private final Task task;
    private final TreeSet<Alarm> waiting =
            new TreeSet<>(Comparator.comparingLong(Alarm::due).thenComparingLong(Alarm::number)); // guarded by this
    private final long zeroNanos;
    private long number; // guarded by this
    private boolean closed; // guarded by this

    /** @param due nanoseconds since the alarms were made, so that they can be compared */
    record Alarm(long due, long number, CompletableFuture<Boolean> rings) {}

    Alarms(Timer timer) {
        this.clock = timer.clock();
        this.zeroNanos = clock.nanos();
        this.task = timer.every("calls", IDLE, this::ring);
    }

    /** Completes the future after this long, at once if the alarms are closed or too many; false = it was not set. */
    boolean set(Duration after, CompletableFuture<Boolean> rings) {
        long due = clock.nanos() - zeroNanos + after.toNanos();
        boolean first;
        Alarm alarm;
        synchronized (this) {
            if (closed || waiting.size() >= MOST) {
                return false;
            }
            alarm = new Alarm(due, number++, rings);
            waiting.add(alarm);
            first = waiting.first().equals(alarm);
        }
        if (first) {
            task.reschedule(after);
        }
        var unused = rings.whenComplete(
                (rung, failure) -> remove(alarm)); // completed by somebody else: it is not needed any more
        return true;
    }

    private synchronized void remove(Alarm alarm) {
        waiting.remove(alarm);
    }

    private void ring() {
        long now = clock.nanos() - zeroNanos;
        List<Alarm> due = new ArrayList<>();
        synchronized (this) {
            while (!waiting.isEmpty() && waiting.first().due() <= now) {
                due.add(waiting.pollFirst());
            }
        }
        due.forEach(alarm -> alarm.rings.complete(true));
        synchronized (this) {
            if (!waiting.isEmpty()) {
                task.reschedule(Duration.ofNanos(waiting.first().due() - now));
            }
        }
    }

    synchronized int size() {
        return waiting.size();
    }

    synchronized boolean closed() {
        return closed;
    }

    /** Rings all: those who wait go on, and find it closed. */
    @Override
    public void close() {
        List<Alarm> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(waiting);
            waiting.clear();
        }
        task.close();
        all.forEach(alarm -> alarm.rings.complete(false));
    }
}
