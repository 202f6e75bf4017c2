package io.penstock.schedule;

import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Makes one call to Redis after the other, never two at once; each answer says when the next one comes.
 *
 * <p>The {@link Beat} of its kind says when it is due. Every process does this for every queue it serves: the scripts make it harmless, and the jitter spreads it.
 *
 * @param <T> the answer
 */
abstract class Rounds<T> extends Service {
    /** After a failure: the store has tried again and again already. */
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

    private final Beat beat;
    private final Duration longest;
    private final Outage outage;
    private final Object lock = new Object();
    private boolean underway; // guarded by lock
    private long nextNanos; // guarded by lock
    private long wishedNanos; // guarded by lock: the latest time that was asked for during a call
    private volatile @Nullable Turn turn;

    /** Its place in the plan of the beat. */
    final class Turn {
        final long number = beat.join();
        long dueNanos; // guarded by the beat
        boolean over; // guarded by the beat

        void take() {
            round();
        }
    }

    /** @param longest between two calls, whatever the answers say */
    Rounds(Beat beat, String name, Duration longest) {
        this.beat = beat;
        this.longest = longest;
        this.outage = new Outage(LoggerFactory.getLogger(getClass()), beat.clock(), name);
    }

    abstract CompletionStage<T> call();

    /** Returns how long to wait after this answer. */
    abstract Duration next(T reply);

    /** Returns how long the first call, or one that was kept back, has to wait; zero = now. */
    Duration holdOff() {
        return Duration.ZERO;
    }

    @Override
    protected void onStart() {
        turn = new Turn();
        nextIn(jittered(Duration.ofMillis(100)));
    }

    @Override
    protected void onStop() {
        Turn planned = turn;
        if (planned != null) {
            beat.leave(planned);
        }
    }

    private void round() {
        Duration wait = holdOff();
        if (!wait.isZero()) {
            nextIn(wait);
            return;
        }
        synchronized (lock) {
            if (underway) {
                return;
            }
            underway = true;
            wishedNanos = now() + (long) (longest.toNanos() * beat.crowd());
        }
        try {
            call().whenComplete(this::answered);
        } catch (RuntimeException refused) {
            answered(null, refused);
        }
    }

    private void answered(@Nullable T reply, @Nullable Throwable error) {
        Duration wait = jittered(AFTER_FAILURE);
        if (reply != null) {
            outage.worked();
            wait = next(reply);
        } else if (error != null && running()) {
            outage.failed(error);
        }
        synchronized (lock) {
            underway = false;
            nextIn(Duration.ofNanos(Math.max(0, Math.min(wait.toNanos(), wishedNanos - now()))));
        }
    }

    private void nextIn(Duration wait) {
        synchronized (lock) {
            nextNanos = now() + wait.toNanos();
            Turn planned = turn;
            if (planned != null) {
                beat.plan(planned, nextNanos);
            }
        }
    }

    /** Brings the next call forward, if it would come later than this. */
    void within(Duration wait) {
        synchronized (lock) {
            long wished = now() + wait.toNanos();
            if (underway) {
                wishedNanos = wishedNanos - wished > 0 ? wished : wishedNanos;
            } else if (nextNanos - wished > 0) {
                nextIn(wait);
            }
        }
    }

    private long now() {
        return beat.clock().nanos();
    }

    /** Returns how long to wait when there was nothing to do: this, or longer where many queues share the beat. */
    Duration idle(Duration period) {
        return jittered(Duration.ofNanos((long) (period.toNanos() * beat.crowd())));
    }

    /** Returns this wait give or take a fifth, so that processes that started together do not call together. */
    static Duration jittered(Duration wait) {
        return Duration.ofNanos(
                (long) (wait.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }
}
