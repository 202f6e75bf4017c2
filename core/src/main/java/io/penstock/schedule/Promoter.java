package io.penstock.schedule;

import io.penstock.queue.QueueReplies.Promoted;
import io.penstock.queue.QueueStore;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Brings delayed jobs of one queue into their lines when they are due.
 *
 * <p>Time: a job comes forward up to 20 ms late when this process knows of it, up to about 1 s when another process
 * added it with a delay shorter than that (2 s in a process that serves 1,000 queues, see {@link Beat}). Cost: one call a
 * second while nothing is delayed.
 */
public final class Promoter extends Rounds<Promoted> {
    /** Delays are promised to within this; more often would be a busy loop for a stream of due jobs. */
    private static final Duration SHORTEST = Duration.ofMillis(20);

    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final QueueStore store;

    /** A promoter of this queue; {@link #start} starts it. */
    public Promoter(QueueStore store, Beat beat) {
        super(beat, "promote " + store.queue(), LONGEST.multipliedBy(2));
        this.store = store;
    }

    /** Says that a job falls due after this long, which may be sooner than what it knows of. */
    public void dueWithin(Duration wait) {
        if (wait.compareTo(LONGEST)
                < 0) { // it looks again within that time anyway, and centuries do not fit into nanos
            within(wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait);
        }
    }

    @Override
    CompletionStage<Promoted> call() {
        return store.promote(QueueStore.MAX_BATCH);
    }

    @Override
    Duration next(Promoted reply) {
        return next(reply.moved(), reply.nextDueInMillis(), idle(LONGEST));
    }

    static Duration next(int moved, long dueInMillis, Duration idle) {
        if (moved >= QueueStore.MAX_BATCH) {
            return Duration.ZERO; // more are due already: a herd is moved in slices, back to back
        }
        if (dueInMillis < 0 || dueInMillis >= idle.toMillis()) {
            return idle;
        }
        return Duration.ofMillis(Math.max(SHORTEST.toMillis(), dueInMillis));
    }
}
