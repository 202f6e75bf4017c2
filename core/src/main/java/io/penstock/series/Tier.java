package io.penstock.series;

import java.time.Duration;

/**
 * How finely and how long a {@link Series} remembers: one entry a step, for the whole span.
 *
 * @param step 1 ms or more; readings within one step are folded into minimum, mean and maximum
 * @param span a multiple of the step, at most {@value #MOST_POINTS} steps
 */
public record Tier(Duration step, Duration span) {
    /** A day of seconds is 86,400; more than this is a mistake in the units. */
    static final int MOST_POINTS = 100_000;

    public Tier {
        if (step.toMillis() < 1 || span.compareTo(step) < 0 || span.toMillis() / step.toMillis() > MOST_POINTS) {
            throw new IllegalArgumentException("tier of step " + step + " over " + span
                    + " was not made: the step must be 1 ms or more and fit into the span 1 to " + MOST_POINTS
                    + " times; choose a longer step or a shorter span");
        }
    }

    int points() {
        return (int) (span.toMillis() / step.toMillis());
    }
}
