package io.penstock.schedule;

import io.penstock.queue.QueueReplies.Promoted;
import io.penstock.queue.QueueStore;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Brings delayed jobs of one queue into their lines when they are due.
 *
 * <p>Time: a job comes forward up to 20 ms late when this process knows of it, up to about 1 s when another process
 * added it with a delay shorter than that. Cost: one call a second while nothing is delayed.
 */
public final class Promoter extends Rounds<Promoted> {
    /** Delays are promised to within this; more often would be a busy loop for a stream of due jobs. */
    private static final Duration SHORTEST = Duration.ofMillis(20);

    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final QueueStore store;

    /** A promoter of this queue; {@link #start} starts it. */
    public Promoter(QueueStore store, Timer timer) {
        super(timer, "promote " + store.queue(), LONGEST.multipliedBy(2));
        this.store = store;
    }

    /** Says that a job falls due after this long, which may be sooner than what it knows of. */
    public void dueWithin(Duration wait) {
        within(wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait);
    }

    @Override
    CompletionStage<Promoted> call() {
        return store.promote(QueueStore.MAX_BATCH);
    }

    @Override
    Duration next(Promoted reply) {
        return next(reply.moved(), reply.nextDueInMillis());
    }

    static Duration next(int moved, long dueInMillis) {
        if (moved >= QueueStore.MAX_BATCH) {
            return Duration.ZERO; // more are due already: a herd is moved in slices, back to back
        }
        if (dueInMillis < 0 || dueInMillis >= LONGEST.toMillis()) {
            return jittered(LONGEST);
        }
        return Duration.ofMillis(Math.max(SHORTEST.toMillis(), dueInMillis));
    }
}
