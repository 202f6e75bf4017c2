package io.penstock.schedule;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The one timer task that drives the rounds of one kind for all queues of a process.
 *
 * <p>Cost: it wakes when a round is due, at most every {@value #GRAIN_MILLIS} ms, and starts up to {@value #A_WAKE} calls; so
 * a round is at most that much late for each {@value #A_WAKE} that are due with it. With more than {@value #UNCROWDED} queues
 * the rounds that find nothing to do grow longer in proportion, so that idle queues cost Redis a bounded number of calls
 * a second. Threads: safe.
 */
public final class Beat implements AutoCloseable {
    /** Rounds that are due within this of each other share one wake-up: 200 a second are not felt, 3,000 are. */
    static final long GRAIN_MILLIS = 5;

    /** Calls started in one go, 10 us each: the other tasks of the timer wait for less than a millisecond. */
    static final int A_WAKE = 64;

    /** Queues that keep their pace: as many idle calls a second of the kind that looks once a second. */
    static final int UNCROWDED = 500;

    private static final Duration NOTHING_PLANNED = Duration.ofMinutes(1);

    private final Clock clock;
    private final Task task;
    private final TreeSet<Rounds<?>.Turn> planned = new TreeSet<>( // guarded by this
            Comparator.<Rounds<?>.Turn>comparingLong(turn -> turn.dueNanos).thenComparingLong(turn -> turn.number));
    private long turns; // guarded by this
    private int queues; // guarded by this
    private long wakeNanos; // guarded by this: when the task runs next
    private long lastNanos; // guarded by this

    /** @param name of the timer task */
    public Beat(Timer timer, String name) {
        this.clock = timer.clock();
        this.lastNanos = clock.nanos() - Duration.ofMillis(GRAIN_MILLIS).toNanos();
        this.wakeNanos = clock.nanos() + NOTHING_PLANNED.toNanos();
        this.task = timer.every(name, NOTHING_PLANNED, this::wake);
    }

    Clock clock() {
        return clock;
    }

    /** Returns by what idle rounds are stretched: 1 up to {@value #UNCROWDED} queues. */
    synchronized double crowd() {
        return Math.max(1, queues / (double) UNCROWDED);
    }

    synchronized long join() {
        queues++;
        return turns++;
    }

    synchronized void leave(Rounds<?>.Turn turn) {
        planned.remove(turn);
        turn.over = true;
        queues--;
    }

    /** Gives a turn another time. */
    synchronized void plan(Rounds<?>.Turn turn, long dueNanos) {
        planned.remove(turn);
        if (turn.over) {
            return;
        }
        turn.dueNanos = dueNanos;
        planned.add(turn);
        wakeBy(dueNanos);
    }

    private void wakeBy(long dueNanos) {
        long earliest = lastNanos + Duration.ofMillis(GRAIN_MILLIS).toNanos();
        long wished = dueNanos - earliest < 0 ? earliest : dueNanos;
        if (wished - wakeNanos < 0) {
            wakeNanos = wished;
            task.reschedule(Duration.ofNanos(Math.max(0, wished - clock.nanos())));
        }
    }

    private void wake() {
        due().forEach(Rounds<?>.Turn::take);
    }

    private synchronized List<Rounds<?>.Turn> due() {
        long now = clock.nanos();
        List<Rounds<?>.Turn> due = new ArrayList<>();
        while (due.size() < A_WAKE && !planned.isEmpty() && planned.first().dueNanos - now <= 0) {
            due.add(planned.pollFirst());
        }
        lastNanos = now;
        wakeNanos = now + NOTHING_PLANNED.toNanos();
        if (!planned.isEmpty()) {
            wakeBy(planned.first().dueNanos);
        }
        return due;
    }

    @Override
    public void close() {
        task.close();
    }
}
