package io.penstock.resilience;

/**
 * What calls of one name came to, since it was opened.
 *
 * @param calls by callers; {@code shared} of them were answered by another's
 * @param attempts that were made; {@code retries} of them were not the first
 * @param succeeded calls; {@code failed} calls after their last attempt, refused ones included
 * @param timeouts attempts that were interrupted
 * @param refused attempts that the breaker did not let through
 * @param outOfBudget retries that were not made because too many were
 * @param breaker {@code closed}, {@code open}, {@code half-open}, or {@code none}
 * @param keys results that are kept to be shared
 */
public record CallStats(
        String name,
        long calls,
        long shared,
        long attempts,
        long retries,
        long succeeded,
        long failed,
        long timeouts,
        long refused,
        long outOfBudget,
        String breaker,
        int keys) {}
