package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobSpec;
import io.penstock.job.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job that was made, and perhaps tried, in another system.
 *
 * @param spec what it is; without a unique key, whose place the origin takes
 * @param origin names it in the system that it comes from, 1 to {@value #MAX_ORIGIN} characters; a second job of this
 *     origin is a duplicate of the first
 * @param window how long the origin is remembered, 1 s to a year; it costs about 150 bytes of Redis for that time
 * @param attempts tries that it has had
 * @param createdAt when it was made there; from 1970 on
 * @param error why it failed for good: it arrives as a dead letter; null = it is to run
 */
public record ImportedJob(
        JobSpec spec,
        String origin,
        Duration window,
        int attempts,
        Instant createdAt,
        @Nullable JobError error) {
    /** Characters of an origin; a longer identity is best hashed. */
    public static final int MAX_ORIGIN = 200;

    public ImportedJob {
        if (spec.options().keyed()) {
            throw new IllegalArgumentException(
                    "an imported job has a unique key; nothing was done; its origin alone makes it unique");
        }
        if (origin.isEmpty() || origin.length() > MAX_ORIGIN) {
            throw new IllegalArgumentException("origin has " + origin.length() + " characters, outside 1 to "
                    + MAX_ORIGIN + "; nothing was done; hash a longer one");
        }
        if (window.toSeconds() < 1 || window.toDays() > 365) {
            throw new IllegalArgumentException("window " + window + " is outside PT1S to P365D; nothing was done");
        }
        if (attempts < 0 || attempts > RetryPolicy.MOST_ATTEMPTS) {
            throw new IllegalArgumentException(
                    "attempt " + attempts + " is outside 0 to " + RetryPolicy.MOST_ATTEMPTS + "; nothing was done");
        }
        if (createdAt.isBefore(Instant.EPOCH)) {
            throw new IllegalArgumentException("createdAt " + createdAt + " is before 1970; nothing was done");
        }
    }
}
