package io.penstock.runtime;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one task of the timer has cost so far, and when it runs.
 *
 * @param period between two runs unless the task plans otherwise; zero = it runs once
 * @param failures runs that threw, of all {@code runs}
 * @param overruns runs that took longer than {@link Timer#BUDGET}: the others went on without them
 * @param lastNanos how long the last run took
 * @param longestNanos the longest run
 * @param latestNanos the longest time past its due time at which a run began
 * @param jitterNanos how much past its due time a run begins, smoothed over the last sixteen or so
 * @param running whether it runs right now
 * @param lastRunAt when the last run began; null = it has not run
 * @param nextDueAt null while it runs, because a run may plan the next one
 */
public record TaskStats(
        String name,
        Duration period,
        long runs,
        long failures,
        long overruns,
        long totalNanos,
        long lastNanos,
        long longestNanos,
        long latestNanos,
        long jitterNanos,
        boolean running,
        @Nullable Instant lastRunAt,
        @Nullable Instant nextDueAt) {}
