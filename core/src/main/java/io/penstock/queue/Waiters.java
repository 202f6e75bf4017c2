package io.penstock.queue;

import io.penstock.job.Awaited;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Callers that wait for jobs to end, over the one subscription connection of the process.
 *
 * <p>Nothing is polled: a caller is listed, then the events of its queue are subscribed, then, when Redis has confirmed
 * that, the job is looked at; what ends later is told. After a loss of the connection all are looked at again. As a message
 * may be lost all the same, each job is also looked at every {@value #LOOK_SECONDS} s. While somebody waits, and a minute
 * longer, the scripts of that queue publish the ids of what ends.
 *
 * <p>Bound: {@value #MOST} callers, about 300 bytes each. Threads: safe; answers come on a thread of the connection or of
 * the timer, so what depends on them must be quick. Time: a caller is told at most 50 ms and a round trip late that its
 * time is over.
 */
public final class Waiters implements AutoCloseable {
    /** Callers that may wait at once in one process; more are a sign that a queue is used as a function call. */
    public static final int MOST = 4_096;

    /** The longest wait: whoever waits longer should be told by a job of its own. */
    public static final Duration LONGEST = Duration.ofDays(1);

    private static final int LOOK_SECONDS = 5;
    private static final Duration SWEEP = Duration.ofMillis(50);
    private static final Duration REST = Duration.ofHours(1);

    /** Subscriptions stay this long after their last caller, so that calls one after the other share one. */
    private static final long LINGER_NANOS = Duration.ofSeconds(10).toNanos();

    private final Redis redis;
    private final QueueEvents events;
    private final Function<String, Queue> queues;
    private final Clock clock;
    private final Task sweep;
    private final Map<String, Line> lines = new HashMap<>(); // guarded by this, as all in Line and Caller
    private int callers; // guarded by this
    private boolean awake; // guarded by this: the sweep comes soon
    private boolean closed; // guarded by this

    /** The callers of one queue. */
    private static final class Line {
        final String queue;
        final Map<String, List<Caller>> bySerial = new HashMap<>();
        final List<Subscription> subscriptions = new ArrayList<>();
        boolean opening;
        boolean confirmed;
        long emptySinceNanos;

        Line(String queue) {
            this.queue = queue;
        }

        List<Caller> all() {
            List<Caller> all = new ArrayList<>();
            bySerial.values().forEach(all::addAll);
            return all;
        }
    }

    private static final class Caller {
        final JobId id;
        final CompletableFuture<Awaited> answer = new CompletableFuture<>();
        final long deadlineNanos;
        long nextLookNanos;
        boolean looking;
        boolean again;
        boolean last;

        @Nullable
        JobState told;

        @Nullable
        Job seen;

        Caller(JobId id, long nowNanos, Duration timeout) {
            this.id = id;
            this.deadlineNanos = nowNanos + timeout.toNanos();
            this.nextLookNanos = nowNanos + TimeUnit.SECONDS.toNanos(1); // if the subscription does not come about
        }
    }

    /** Waiting over this connection; {@code queues} finds a queue by its name. */
    public Waiters(Redis redis, QueueEvents events, Function<String, Queue> queues, Timer timer) {
        this.redis = redis;
        this.events = events;
        this.queues = queues;
        this.clock = timer.clock();
        this.sweep = timer.every("await", REST, this::sweep);
    }

    /**
     * Waits for the end of a job; an interrupt ends the waiting, not the job.
     *
     * @throws IllegalArgumentException as {@link #awaitAsync}
     * @throws IllegalStateException as {@link #awaitAsync}
     */
    public Awaited await(JobId id, Duration timeout) throws InterruptedException {
        CompletableFuture<Awaited> answer = call(id, timeout).answer;
        try {
            long patience = timeout.toMillis() + 2 * redis.config().timeout().toMillis() + SWEEP.toMillis();
            return answer.get(patience, TimeUnit.MILLISECONDS);
        } catch (TimeoutException stuck) {
            return new Awaited.Pending(id, null);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("an answer is always given, never a failure", impossible);
        } finally {
            answer.cancel(false); // without effect but for those who gave up: the next sweep forgets them
        }
    }

    /**
     * Answers when a job has ended or the time is over; the stage never fails.
     *
     * @param timeout 0 (a look) to a day
     * @throws IllegalArgumentException if it is outside that
     * @throws IllegalStateException if {@value #MOST} callers wait already, or the process is closing
     */
    public CompletionStage<Awaited> awaitAsync(JobId id, Duration timeout) {
        return call(id, timeout).answer.copy();
    }

    /** As {@link #awaitAsync}; one who cancels the answer is forgotten at the next sweep. */
    CompletableFuture<Awaited> listen(JobId id, Duration timeout) {
        return call(id, timeout).answer;
    }

    private Caller call(JobId id, Duration timeout) {
        if (timeout.isNegative() || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("await of job " + id + " with timeout " + timeout + " is outside 0 to "
                    + LONGEST + "; nothing is waited for; give a time within");
        }
        Caller caller = new Caller(id, clock.nanos(), timeout);
        Line line;
        boolean open;
        boolean look;
        boolean rouse;
        synchronized (this) {
            if (closed || callers >= MOST) {
                throw new IllegalStateException("await of job " + id + " was refused: "
                        + (closed ? "this process is closing" : callers + " callers wait, the most there may be")
                        + "; the job goes on; ask for it later");
            }
            caller.last = timeout.isZero();
            line = lines.computeIfAbsent(id.queue(), Line::new);
            line.bySerial
                    .computeIfAbsent(id.serial(), serial -> new ArrayList<>(1))
                    .add(caller);
            callers++;
            open = !line.opening && !caller.last;
            line.opening |= open;
            look = line.confirmed || caller.last;
            rouse = !awake;
            awake = true;
        }
        if (rouse) { // not at every call: that would put the sweep off for ever
            sweep.reschedule(SWEEP);
        }
        if (open) {
            open(line);
        }
        if (look) {
            look(caller);
        }
        return caller;
    }

    private void open(Line line) {
        List<Subscription> opened = new ArrayList<>();
        try {
            // first this command: looks come behind it on the same connection, so what they do not see is published
            opened.add(events.watch(line.queue));
            String channel = new QueueKeys(line.queue).eventChannel;
            opened.add(redis.subscriber().subscribe(channel, message -> told(line, message), () -> begun(line)));
        } catch (
                RuntimeException
                        unreachable) { // whoever waits is looked at all the same, and the next caller tries again
            opened.forEach(Subscription::close);
            synchronized (this) {
                line.opening = false;
            }
            return;
        }
        boolean late;
        synchronized (this) {
            late = lines.get(line.queue) != line; // closed, or nobody waited for so long
            line.subscriptions.addAll(opened);
        }
        if (late) {
            opened.forEach(Subscription::close);
        }
    }

    /** Messages come from here on, for the first time or again. */
    private void begun(Line line) {
        List<Caller> all;
        synchronized (this) {
            line.confirmed = true;
            all = line.all();
        }
        all.forEach(this::look);
    }

    private void told(Line line, byte[] message) {
        List<Caller> met = new ArrayList<>(0);
        synchronized (this) {
            if (line.bySerial.isEmpty()) {
                return;
            }
        }
        String text = Redis.text(message);
        int space = text.indexOf(' ');
        String word = text.substring(0, Math.max(0, space));
        JobState state = switch (word) {
            case "completed", "failed", "cancelled" -> JobState.of(word);
            default -> null;
        };
        if (state == null && !word.equals("gone")) {
            return;
        }
        String[] serials = text.substring(space + 1).split(",", -1);
        synchronized (this) {
            for (String serial : serials) {
                for (Caller caller : line.bySerial.getOrDefault(serial, List.of())) {
                    caller.told = state == null ? caller.told : state;
                    met.add(caller);
                }
            }
        }
        met.forEach(this::look);
    }

    private void look(Caller caller) {
        synchronized (this) {
            if (caller.looking) {
                caller.again = true; // the answer under way may be older than what we were told
                return;
            }
            caller.looking = true;
            caller.nextLookNanos = clock.nanos() + TimeUnit.SECONDS.toNanos(LOOK_SECONDS);
        }
        try {
            queues.apply(caller.id.queue())
                    .getAsync(caller.id)
                    .whenComplete(
                            (job, error) -> looked(caller, error == null, error == null ? job.orElse(null) : null));
        } catch (RuntimeException refused) {
            looked(caller, false, null);
        }
    }

    /**
     * @param heard whether Redis answered
     * @param job null if there is none
     */
    private void looked(Caller caller, boolean heard, @Nullable Job job) {
        Awaited answer = null;
        boolean again;
        synchronized (this) {
            caller.looking = false;
            again = caller.again && heard;
            caller.again = false;
            if (heard && job == null) {
                answer = new Awaited.Gone(caller.id, caller.told);
            } else if (job != null && job.state().terminal()) {
                answer = new Awaited.Ended(job);
            } else {
                caller.seen = job == null ? caller.seen : job;
                answer = caller.last && !again ? new Awaited.Pending(caller.id, caller.seen) : null;
            }
            if (answer != null) {
                forget(caller);
            }
        }
        if (answer != null) {
            caller.answer.complete(answer);
        } else if (again) {
            look(caller);
        }
    }

    /** Called under the lock. */
    private void forget(Caller caller) {
        Line line = lines.get(caller.id.queue());
        List<Caller> same = line == null ? null : line.bySerial.get(caller.id.serial());
        if (line != null && same != null && same.remove(caller)) {
            callers--;
            if (same.isEmpty()) {
                line.bySerial.remove(caller.id.serial());
            }
            line.emptySinceNanos = clock.nanos();
        }
    }

    private void sweep() {
        long now = clock.nanos();
        List<Caller> due = new ArrayList<>();
        List<Subscription> unused = new ArrayList<>();
        synchronized (this) {
            for (Line line : List.copyOf(lines.values())) {
                line.all().forEach(caller -> sweep(caller, now, due));
                if (line.bySerial.isEmpty() && now - line.emptySinceNanos >= LINGER_NANOS) {
                    lines.remove(line.queue);
                    unused.addAll(line.subscriptions);
                }
            }
            awake = callers > 0;
            sweep.reschedule(lines.isEmpty() ? REST : callers > 0 ? SWEEP : Duration.ofSeconds(1));
        }
        unused.forEach(Subscription::close);
        due.forEach(this::look);
    }

    /** Called under the lock. */
    private void sweep(Caller caller, long now, List<Caller> due) {
        if (caller.answer.isDone()) {
            forget(caller);
            return;
        }
        boolean over = now - caller.deadlineNanos >= 0 && !caller.last;
        caller.last |= over;
        if (!caller.looking && (over || now - caller.nextLookNanos >= 0)) {
            due.add(caller);
        }
    }

    /** Returns how many callers wait. */
    public synchronized int size() {
        return callers;
    }

    /** Whether events of the queue come, and everybody who waits for this job has looked at it since. */
    synchronized boolean hears(JobId id) {
        Line line = lines.get(id.queue());
        return line != null
                && line.confirmed
                && line.bySerial.getOrDefault(id.serial(), List.of()).stream()
                        .allMatch(caller -> caller.seen != null && !caller.looking);
    }

    /** Answers all that wait as if their time were over. */
    @Override
    public void close() {
        List<Caller> all = new ArrayList<>();
        List<Subscription> open = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (Line line : lines.values()) {
                all.addAll(line.all());
                open.addAll(line.subscriptions);
            }
            lines.clear();
            callers = 0;
        }
        sweep.close();
        open.forEach(Subscription::close);
        all.forEach(caller -> caller.answer.complete(new Awaited.Pending(caller.id, caller.seen)));
    }
}
