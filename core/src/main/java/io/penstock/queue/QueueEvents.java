package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Hints and events of queues: that something may be waiting, that a job was asked to stop, that a job came to a state.
 *
 * <p>Everything goes over one subscription connection. Events carry ids only, and scripts publish them only while somebody
 * watches the queue, which a watcher renews every {@value #WATCH_SECONDS}/3 s. A message can be lost (nothing here is
 * needed for correctness); listeners run on the connection's thread and must be quick. Threads: safe.
 */
public final class QueueEvents implements AutoCloseable {
    /** In front of the number of the one worker that is told; see pass.lua. */
    private static final String ONE = "!";

    /** A watcher that died is forgotten after this, so that scripts stop publishing for it. */
    private static final int WATCH_SECONDS = 60;

    /**
     * A flow or batch came to a state.
     *
     * @param flow its id; {@code FlowId.parse} reads it
     * @param state {@code running}, {@code open}, {@code sealing}, {@code sealed}, {@code completed}, {@code failed} or
     *     {@code cancelled}
     */
    public record FlowEvent(String flow, String state) {}

    private final Redis redis;
    private final Map<String, AtomicInteger> watched = new ConcurrentHashMap<>();
    private final Task renewal;

    /** Events through this connection; the timer renews what is watched. */
    public QueueEvents(Redis redis, Timer timer) {
        this.redis = redis;
        this.renewal = timer.every("events-watch", Duration.ofSeconds(WATCH_SECONDS / 3), this::renew);
    }

    /** Calls the listener when a line of the queue, which was empty, is empty no more. */
    public Subscription onWake(String queue, Runnable listener) {
        return onWake(queue, number -> false, listener);
    }

    /**
     * Calls the listener also when one worker is told that there may be room now for what waits.
     *
     * @param mine tells whether the worker of this {@link Lease#number()} is the listener's
     */
    public Subscription onWake(String queue, Predicate<String> mine, Runnable listener) {
        return redis.subscriber().subscribe(new QueueKeys(queue).wakeChannel, message -> {
            String text = Redis.text(message);
            if (!text.startsWith(ONE) || mine.test(text.substring(ONE.length()))) {
                listener.run();
            }
        });
    }

    /**
     * Wakes a worker of this process; {@link #onWake(String, Runnable)} and what this process itself adds.
     *
     * @param mine as of {@link #onWake(String, Predicate, Runnable)}
     * @param wake called when a take that is sent now may find jobs
     * @param again called when jobs of this process are in Redis: to wake, unless a take is under way
     */
    public Subscription onWake(QueueStore store, Predicate<String> mine, Runnable wake, Runnable again) {
        Subscription here = store.arrivals().listen(new Arrivals.Listener() {
            @Override
            public void sent() {
                wake.run();
            }

            @Override
            public void arrived() {
                again.run();
            }
        });
        Subscription elsewhere = redis.subscriber().subscribe(new QueueKeys(store.queue()).wakeChannel, block -> {
            String text = Redis.text(block);
            if (text.startsWith(ONE)
                    ? mine.test(text.substring(ONE.length()))
                    : !store.arrivals().ours(text)) {
                wake.run();
            }
        });
        return () -> {
            here.close();
            elsewhere.close();
        };
    }

    /** Calls the listener with the serial of each running job that is asked to stop. */
    public Subscription onCancel(String queue, Consumer<String> listener) {
        return redis.subscriber().subscribe(new QueueKeys(queue).eventChannel, message -> {
            String text = Redis.text(message);
            if (text.startsWith("cancel ")) {
                listener.accept(text.substring("cancel ".length()));
            }
        });
    }

    /** Calls the listener when a job is delayed, ends, or is moved by an operator. */
    public Subscription onEvent(String queue, Consumer<QueueEvent> listener) {
        QueueKeys keys = new QueueKeys(queue);
        Subscription subscription =
                redis.subscriber().subscribe(keys.eventChannel, message -> tell(queue, Redis.text(message), listener));
        Subscription watch = watch(queue);
        return () -> {
            subscription.close();
            watch.close();
        };
    }

    /** Calls the listener when a flow or batch that lives in this queue begins, is sealed, ends, or goes on again. */
    public Subscription onFlow(String queue, Consumer<FlowEvent> listener) {
        Subscription subscription = redis.subscriber().subscribe(new QueueKeys(queue).eventChannel, message -> {
            String[] part = Redis.text(message).split(" ", 3);
            if (part.length == 3 && part[0].equals("flow")) {
                listener.accept(new FlowEvent(queue + "-" + part[1], part[2]));
            }
        });
        Subscription watch = watch(queue);
        return () -> {
            subscription.close();
            watch.close();
        };
    }

    /** Lets scripts publish the events of a queue until the answer is closed, and at most a minute longer. */
    Subscription watch(String queue) {
        watched.compute(queue, (name, count) -> {
            AtomicInteger watchers = count == null ? new AtomicInteger() : count;
            watchers.incrementAndGet();
            return watchers;
        });
        renew(queue);
        return () -> watched.computeIfPresent(queue, (name, count) -> count.decrementAndGet() == 0 ? null : count);
    }

    private static void tell(String queue, String text, Consumer<QueueEvent> listener) {
        int space = text.indexOf(' ');
        JobState state = switch (text.substring(0, Math.max(0, space))) {
            case "completed" -> JobState.COMPLETED;
            case "failed" -> JobState.FAILED;
            case "cancelled" -> JobState.CANCELLED;
            case "delayed" -> JobState.DELAYED;
            case "waiting" -> JobState.WAITING;
            default -> null;
        };
        if (state != null) {
            for (String serial : text.substring(space + 1).split(",", -1)) {
                listener.accept(new QueueEvent(new JobId(queue, serial), state));
            }
        }
    }

    private void renew() {
        watched.keySet().forEach(this::renew);
    }

    private void renew(String queue) {
        redis.command(
                "SET",
                new Call(96)
                        .key(new QueueKeys(queue).watched)
                        .arg("1")
                        .arg("EX")
                        .arg(WATCH_SECONDS));
    }

    @Override
    public void close() {
        renewal.close();
        watched.clear();
    }
}
