package io.penstock.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs everything in this process that happens by time, on one thread.
 *
 * <p>Tasks are short: they start asynchronous calls and return, because a task that blocks delays all others (see
 * {@link TaskStats#latestNanos}). Tasks belong to services, never to jobs, so there are few and a plain list is
 * searched for the next one.
 *
 * <p>Bound: {@value #MOST_TASKS} tasks. Threads: safe.
 */
public final class Timer implements AutoCloseable {
    /** A dozen for the process and two a worker leave room for hundreds; more means that something makes one for each job. */
    static final int MOST_TASKS = 1_024;

    /** The thread looks round at least this often, so a clock that leaps while the machine sleeps costs a minute at most. */
    private static final long LONGEST_WAIT_NANOS = Duration.ofMinutes(1).toNanos();

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Task> tasks = new ArrayList<>(); // guarded by lock
    private boolean closed; // guarded by lock
    private final @Nullable Thread thread;

    /** Starts the thread {@code penstock-timer}. */
    public Timer(Clock clock, Threads threads) {
        this.clock = clock;
        this.thread = threads.start("timer", this::loop);
    }

    /** A timer without a thread, which a test drives by {@link #runDue}. */
    Timer(Clock clock) {
        this.clock = clock;
        this.thread = null;
    }

    /** Returns the clock it goes by. */
    public Clock clock() {
        return clock;
    }

    /** Runs the work again and again, this long after the end of the last run; first after one period. */
    public Task every(String name, Duration period, Runnable work) {
        if (period.toNanos() <= 0) {
            throw new IllegalArgumentException(
                    "timer task " + name + ": period " + period + " is not above 0; nothing was planned");
        }
        return add(name, period.toNanos(), period.toNanos(), work);
    }

    /** Runs the work once, after this long. */
    public Task after(String name, Duration delay, Runnable work) {
        return add(name, 0, Math.max(0, delay.toNanos()), work);
    }

    private Task add(String name, long periodNanos, long delayNanos, Runnable work) {
        lock.lock();
        try {
            if (closed || tasks.size() >= MOST_TASKS) {
                throw new IllegalStateException("timer task " + name + " was not planned: "
                        + (closed ? "the timer is closed" : tasks.size() + " tasks, the most there may be, are planned")
                        + "; plan one task for a service, not one for each piece of work");
            }
            Task task = new Task(this, name, periodNanos, clock.nanos() + delayNanos, work);
            tasks.add(task);
            changed.signal();
            return task;
        } finally {
            lock.unlock();
        }
    }

    /** Returns what each task has cost so far. */
    public List<TaskStats> stats() {
        lock.lock();
        try {
            return tasks.stream().map(Task::stats).toList();
        } finally {
            lock.unlock();
        }
    }

    void move(Task task, long waitNanos) {
        lock.lock();
        try {
            if (!task.over()) {
                task.moveTo(clock.nanos() + Math.max(0, waitNanos));
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(Task task) {
        lock.lock();
        try {
            task.end();
            tasks.remove(task);
        } finally {
            lock.unlock();
        }
    }

    private void loop() {
        while (awaitDue()) {
            runDue();
        }
    }

    /** Runs every task that is due, the longest due first. */
    void runDue() {
        long now = clock.nanos();
        for (Task task = takeDue(now); task != null; task = takeDue(now)) {
            task.run(clock);
            settle(task);
        }
    }

    private @Nullable Task takeDue(long now) {
        lock.lock();
        try {
            Task first = first();
            if (closed || first == null || first.dueNanos() - now > 0) {
                return null;
            }
            first.begin();
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void settle(Task task) {
        lock.lock();
        try {
            if (!task.settle(clock.nanos())) {
                tasks.remove(task);
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Task first() {
        Task first = null;
        for (Task task : tasks) {
            if (first == null || task.dueNanos() - first.dueNanos() < 0) {
                first = task;
            }
        }
        return first;
    }

    /** Waits until a task is due; false = the timer is closed. */
    private boolean awaitDue() {
        lock.lock();
        try {
            while (!closed) {
                Task first = first();
                long wait = first == null ? LONGEST_WAIT_NANOS : first.dueNanos() - clock.nanos();
                if (wait <= 0) {
                    return true;
                }
                changed.awaitNanos(Math.min(wait, LONGEST_WAIT_NANOS));
            }
        } catch (InterruptedException askedToEnd) {
            closed = true; // only the owner of the threads interrupts this one
        } finally {
            lock.unlock();
        }
        return false;
    }

    /** Returns when the next task is due, or {@link Long#MAX_VALUE} away if there is none. */
    long nanosToNext() {
        lock.lock();
        try {
            Task first = first();
            return first == null ? Long.MAX_VALUE : first.dueNanos() - clock.nanos();
        } finally {
            lock.unlock();
        }
    }

    /** Drops all tasks and ends the thread; waits for a run in progress, unless called from inside it. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            tasks.forEach(Task::end);
            tasks.clear();
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (thread != null && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException remembered) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
