package io.penstock.schedule;

import io.penstock.queue.QueueStore;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Brings back the jobs of workers whose lease has ended, of one queue.
 *
 * <p>After an outage of Redis every lease has ended, also those of workers that are alive and about to renew. So it does
 * nothing until this process has been connected for half a lease: those that live renew three times in that time.
 */
public final class Reclaimer extends Rounds<Integer> {
    private static final Duration PERIOD = Duration.ofSeconds(5);

    /** Jobs in one slice; a slice is a few round trips, and others want their turn. */
    static final int SLICE = 100;

    private final QueueStore store;
    private final Supplier<Duration> connectedFor;
    private final Duration patience;

    /**
     * A reclaimer of this queue; {@link #start} starts it.
     *
     * @param connectedFor for how long this process's connection has been up
     * @param leaseLength of the workers
     */
    public Reclaimer(QueueStore store, Beat beat, Supplier<Duration> connectedFor, Duration leaseLength) {
        super(beat, "reclaim " + store.queue(), PERIOD.multipliedBy(2));
        this.store = store;
        this.connectedFor = connectedFor;
        this.patience = leaseLength.dividedBy(2);
    }

    @Override
    Duration holdOff() {
        Duration left = patience.minus(connectedFor.get());
        return left.isNegative() ? Duration.ZERO : left;
    }

    @Override
    CompletionStage<Integer> call() {
        return store.reclaim(SLICE);
    }

    @Override
    Duration next(Integer moved) {
        return moved > 0 ? Duration.ZERO : idle(period());
    }

    /** Workers with short leases want their jobs back accordingly soon. */
    private Duration period() {
        Duration quick = patience.dividedBy(3);
        return quick.compareTo(PERIOD) < 0 ? quick : PERIOD;
    }
}
