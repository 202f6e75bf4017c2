package io.penstock.runtime;

import io.penstock.runtime.Health.Status;
import java.time.Instant;

/**
 * Makes a steady {@link Health} of single looks: one bad look is no outage, and one good one no recovery.
 *
 * <p>It gets worse after {@value #LOOKS_TO_WORSEN} looks in a row that are worse than what is told, to the best of them;
 * better after {@value #LOOKS_TO_RECOVER} in a row that are better, to the worst of them. So a thing that is good and bad
 * by turns keeps what it has. Threads: safe.
 */
public final class Hysteresis {
    /** Two: a single late answer is a collection pause or a lost packet. */
    static final int LOOKS_TO_WORSEN = 2;

    /** Three, more than the other way: whoever was told of trouble should be told of its end once. */
    static final int LOOKS_TO_RECOVER = 3;

    private final Clock clock;
    private volatile Health health;
    private int worse;
    private Status bestOfWorse = Status.DOWN;
    private int better;
    private Status worstOfBetter = Status.UP;
    private int failures;

    /** Begins UP, since whoever watches something has just connected to it. */
    public Hysteresis(Clock clock) {
        this.clock = clock;
        this.health = new Health(Status.UP, "", Instant.ofEpochMilli(clock.millis()), 0);
    }

    /** Takes one look into account and returns what is told now. */
    public synchronized Health look(Status seen, String reason) {
        Health was = health;
        failures = seen == Status.UP ? 0 : failures + 1;
        int order = seen.compareTo(was.status());
        worse = order > 0 ? worse + 1 : 0;
        better = order < 0 ? better + 1 : 0;
        bestOfWorse = worse == 1 || seen.compareTo(bestOfWorse) < 0 ? seen : bestOfWorse;
        worstOfBetter = better == 1 || seen.compareTo(worstOfBetter) > 0 ? seen : worstOfBetter;
        Status next = was.status();
        if (worse >= LOOKS_TO_WORSEN) {
            next = bestOfWorse;
        } else if (better >= LOOKS_TO_RECOVER) {
            next = worstOfBetter;
        }
        if (next != was.status()) {
            worse = 0;
            better = 0;
        }
        health = new Health(
                next,
                next == Status.UP ? "" : seen == Status.UP ? was.reason() : reason,
                next == was.status() ? was.since() : Instant.ofEpochMilli(clock.millis()),
                failures);
        return health;
    }

    /** Returns what is told now. */
    public Health health() {
        return health;
    }
}
