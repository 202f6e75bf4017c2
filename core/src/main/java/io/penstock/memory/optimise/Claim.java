package io.penstock.memory.optimise;

import io.penstock.runtime.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The right to be the optimiser of this process: one heap, one collector, one that governs them.
 *
 * <p>It is a system property and not a static field, because those exist once in every class loader. The properties of the
 * process are a concurrent map: two that ask at once do not both get it.
 */
final class Claim {
    private static final String PROPERTY = "io.penstock.memory.optimiser";

    private @Nullable String mine; // guarded by this

    /** Takes it if nobody has it; true = it is ours, now or since before. */
    synchronized boolean tryTake(Clock clock) {
        return mine != null || other(clock) == null;
    }

    /** @throws IllegalStateException if another optimiser is started in this process */
    synchronized void take(Clock clock) {
        Object other = mine == null ? other(clock) : null;
        if (other != null) {
            throw new IllegalStateException("a second optimiser was not started: this process has one, " + other
                    + ", and there may be 1; the first goes on; share it, or close it before starting another");
        }
    }

    /** Whoever has it, or null: then it is ours from now on. */
    private @Nullable Object other(Clock clock) {
        String claim = "started at " + Instant.ofEpochMilli(clock.millis()) + " as " + System.identityHashCode(this);
        Object other = System.getProperties().putIfAbsent(PROPERTY, claim);
        mine = other == null ? claim : null;
        return other;
    }

    synchronized void release() {
        if (mine != null) {
            System.getProperties().remove(PROPERTY, mine);
            mine = null;
        }
    }

    /** Tells whether some optimiser of this process is started. */
    static boolean taken() {
        return System.getProperties().containsKey(PROPERTY);
    }
}
