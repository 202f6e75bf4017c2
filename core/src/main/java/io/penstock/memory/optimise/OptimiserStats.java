package io.penstock.memory.optimise;

import java.time.Duration;
import java.util.List;

/**
 * What the optimiser has done since it started.
 *
 * @param useful runs that gave at least 1 % of the heap's maximum
 * @param refused requests that were not begun
 * @param hanging steps that were given up and have not returned yet
 * @param helping false after two runs in a row that gave less than 1 %; the automatic ones are then spaced further and
 *     further apart
 * @param spacing between two runs of one automatic trigger, as of now
 * @param advice a sentence for a person; empty if there is nothing to say
 */
public record OptimiserStats(
        long runs,
        long successful,
        long useful,
        long refused,
        long freedBytes,
        long rssReturnedBytes,
        int hanging,
        boolean helping,
        Duration spacing,
        String advice,
        List<Gain> gains) {
    public OptimiserStats {
        gains = List.copyOf(gains);
    }

    /** What the runs of one strategy gave. */
    public record Gain(String strategy, long runs, long useful, long freedBytes, long rssReturnedBytes, long millis) {}
}
