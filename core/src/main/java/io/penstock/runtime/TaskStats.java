package io.penstock.runtime;

/**
 * What one task of the timer has cost so far.
 *
 * @param failures runs that threw, of all {@code runs}
 * @param longestNanos the longest run: what other tasks may have had to wait
 * @param latestNanos the longest time past its due time at which a run began
 */
public record TaskStats(String name, long runs, long failures, long totalNanos, long longestNanos, long latestNanos) {}
