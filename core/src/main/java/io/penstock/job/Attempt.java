package io.penstock.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One try at a job that did not succeed.
 *
 * @param number from 1
 * @param error why it ended
 */
public record Attempt(
        int number,
        Instant startedAt,
        Instant finishedAt,
        String worker,
        @Nullable JobError error) {
    /** Attempts remembered for each job; the oldest go first. */
    public static final int MAX_KEPT = 20;
}
