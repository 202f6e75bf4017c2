package io.penstock.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Runs everything in this process that happens by time, on one thread.
 *
 * <p>Tasks are short: they start asynchronous calls and return. One that is not cannot hold up the others: a second thread
 * looks every {@link #BUDGET} whether a run has taken that long, and if so leaves the thread to it and starts another one
 * for the rest. So a due task waits for at most twice the budget and the runs that kept theirs. Each {@link TaskStats}
 * tells how often that was needed. Tasks belong to services, never to jobs, so there are few and a plain list is searched
 * for the next one.
 *
 * <p>Bound: {@value #MOST_TASKS} tasks; two threads, and one for each run that was left alone, at most
 * {@value #MOST_LEFT_ALONE}. Cost of the second thread: ten looks a second at one field. Threads: safe.
 */
public final class Timer implements AutoCloseable {
    /** What a run may take: a hundred times what ours take, and a tenth of what the shortest lease leaves for its renewal. */
    public static final Duration BUDGET = Duration.ofMillis(100);

    /** A dozen for the process and two a worker leave room for hundreds; more means that something makes one for each job. */
    static final int MOST_TASKS = 1_024;

    /** A task runs once at a time, so this many different ones must block before the last of them holds up the rest. */
    static final int MOST_LEFT_ALONE = 16;

    /** The thread looks round at least this often, so a clock that leaps while the machine sleeps costs a minute at most. */
    private static final long LONGEST_WAIT_NANOS = Duration.ofMinutes(1).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Timer.class);

    private final Clock clock;
    private final @Nullable Threads threads;
    private final @Nullable Thread guard;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition closing = lock.newCondition();

    // guarded by lock
    private final List<Task> tasks = new ArrayList<>();
    private @Nullable Thread runner; // null = a test drives it
    private @Nullable Task current; // what the runner runs
    private long currentNanos;
    private int leftAlone;
    private boolean closed;

    /** Starts the threads {@code penstock-timer} and {@code penstock-timer-guard}. */
    public Timer(Clock clock, Threads threads) {
        this.clock = clock;
        this.threads = threads;
        lock.lock();
        try {
            runner = threads.start("timer", this::loop); // it waits for the lock, and then knows itself
        } finally {
            lock.unlock();
        }
        Thread second = null;
        try {
            second = threads.start("timer-guard", this::guard);
        } finally {
            if (second == null) {
                close();
            }
        }
        this.guard = second;
    }

    /** A timer without threads, which a test drives by {@link #runDue}. */
    Timer(Clock clock) {
        this.clock = clock;
        this.threads = null;
        this.guard = null;
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
            long nanos = clock.nanos();
            long millis = clock.millis();
            return tasks.stream().map(task -> task.stats(nanos, millis)).toList();
        } finally {
            lock.unlock();
        }
    }

    TaskStats stats(Task task) {
        lock.lock();
        try {
            return task.stats(clock.nanos(), clock.millis());
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
            if (closed || !mine() || first == null || first.dueNanos() - now > 0) {
                return null;
            }
            first.begin();
            current = first;
            currentNanos = clock.nanos();
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
            if (mine()) {
                current = null;
            } else {
                leftAlone--;
                changed.signal(); // it is due again some time
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the caller is the one that runs tasks; called under the lock. */
    private boolean mine() {
        return runner == null || runner == Thread.currentThread();
    }

    private @Nullable Task first() {
        Task first = null;
        for (Task task : tasks) {
            if (task.idle() && (first == null || task.dueNanos() - first.dueNanos() < 0)) {
                first = task;
            }
        }
        return first;
    }

    /** Waits until a task is due; false = the timer is closed, or goes on without this thread. */
    private boolean awaitDue() {
        lock.lock();
        try {
            while (!closed && mine()) {
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

    private void guard() {
        lock.lock();
        try {
            while (!closed) {
                long begin = clock.nanos();
                closing.awaitNanos(BUDGET.toNanos());
                long now = clock.nanos();
                boolean stood =
                        now - begin >= 2 * BUDGET.toNanos(); // the whole process did: nothing of it is the task's
                if (!closed && !stood && current != null && now - currentNanos >= BUDGET.toNanos()) {
                    leaveAlone(current);
                }
            }
        } catch (InterruptedException askedToEnd) {
            closed = true; // only the owner of the threads interrupts this one
        } finally {
            lock.unlock();
        }
    }

    /** Goes on without the thread that this task holds; called under the lock. */
    private void leaveAlone(Task task) {
        Thread held = runner;
        if (threads == null || held == null || leftAlone >= MOST_LEFT_ALONE) {
            return;
        }
        try {
            runner = threads.start("timer", this::loop);
        } catch (IllegalStateException noThread) {
            return; // closed, or as many as may be: the task ends some time, as it always did
        }
        leftAlone++;
        current = null;
        held.setName("penstock-timer-" + task);
        long times = task.leftAlone();
        if ((times & (times - 1)) == 0) { // the 1st, 2nd, 4th ... time; the 1st may be classes that are loaded
            LOG.atLevel(times == 1 ? Level.INFO : Level.WARN)
                    .log(
                            "timer task={} takes longer than millis={}; the other tasks go on without it; a task must"
                                    + " start its work and return",
                            task,
                            BUDGET.toMillis());
        }
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

    /**
     * Drops all tasks and ends the threads; waits for a run in progress, unless called from inside it. A run that was left
     * alone is left to whoever closes the {@link Threads}.
     */
    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            tasks.forEach(Task::end);
            tasks.clear();
            changed.signal();
            closing.signal();
            running = runner;
        } finally {
            lock.unlock();
        }
        Threads.join(running);
        Threads.join(guard);
    }
}
