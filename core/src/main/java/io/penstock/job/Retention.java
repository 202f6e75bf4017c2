package io.penstock.job;

import java.time.Duration;

/**
 * How long one job's record is kept after it ended; the queue's budgets in count and bytes still apply.
 *
 * @param completed after success; zero removes it at once
 * @param failed as a dead letter, and after cancellation
 */
public record Retention(Duration completed, Duration failed) {
    public Retention {
        check("retain.completed", completed);
        check("retain.failed", failed);
    }

    private static void check(String key, Duration value) {
        if (value.isNegative() || value.compareTo(Backoff.LONGEST) > 0) {
            throw new IllegalArgumentException(key + " " + value + " is outside 0 to " + Backoff.LONGEST);
        }
    }
}
