package io.penstock.schedule;

import io.penstock.queue.QueueStore;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Forgets ended jobs of one queue that are over the queue's budgets of age, count and bytes.
 *
 * <p>It looks every few seconds, and at once when completed jobs pile up ({@link #kept}); then slice follows slice until
 * there is nothing left to forget.
 */
public final class Pruner extends Rounds<Integer> {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    /** Jobs kept beyond what the last look left behind before the next one is brought forward: ten slices. */
    static final long PILE = 10L * QueueStore.MAX_BATCH;

    private final QueueStore store;
    private volatile long latest;
    private volatile long leftBehind = Long.MAX_VALUE - PILE; // until the first look

    /** A pruner of this queue; {@link #start} starts it. */
    public Pruner(QueueStore store, Beat beat) {
        super(beat, "prune " + store.queue(), PERIOD.multipliedBy(2));
        this.store = store;
    }

    /** Says how many completed jobs the queue keeps now, as the answer to a finish told. */
    public void kept(long jobs) {
        latest = jobs;
        if (jobs > leftBehind + PILE) {
            within(Duration.ZERO);
        }
    }

    @Override
    CompletionStage<Integer> call() {
        return store.prune(QueueStore.MAX_PRUNE);
    }

    @Override
    Duration next(Integer removed) {
        if (removed >= QueueStore.MAX_PRUNE / 2) {
            return Duration.ZERO; // runs of jobs go as a whole, so a full slice is seldom quite full
        }
        leftBehind = latest;
        return idle(PERIOD);
    }
}
