package io.penstock.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a producer may say about one job beyond its type and payload; whatever is null follows the type or the queue.
 *
 * <p>Immutable: each method answers a changed copy, so one value can serve many jobs.
 *
 * @param delay the wait before the first attempt, by the clock of Redis
 * @param runAt the instant of the first attempt, by the clock of Redis; not together with {@code delay}
 * @param memoryBytes what one run may need in memory; 0 = not declared
 * @param metadata at most {@value #MAX_METADATA} entries, shown to operators and handed to the handler
 * @param limit the key whose permits bound how many such jobs run at once
 */
public record JobOptions(
        @Nullable Duration delay,
        @Nullable Instant runAt,
        @Nullable Priority priority,
        @Nullable Integer maxAttempts,
        @Nullable Backoff backoff,
        @Nullable Duration timeout,
        @Nullable Unique unique,
        @Nullable String group,
        long memoryBytes,
        @Nullable Retention retention,
        Map<String, String> metadata,
        @Nullable KeyLimit limit) {
    /** Entries of metadata. */
    public static final int MAX_METADATA = 16;

    /** Characters of one metadata key or value. */
    public static final int MAX_METADATA_TEXT = 256;

    /** Longest timeout: a day; a longer job should be cut into steps. */
    public static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);

    /** Nothing said. */
    public static final JobOptions NONE =
            new JobOptions(null, null, null, null, null, null, null, null, 0, null, Map.of(), null);

    public JobOptions {
        if (delay != null && runAt != null) {
            throw new IllegalArgumentException("delay and runAt are both set; nothing was done; give one of them");
        }
        if (delay != null && (delay.isNegative() || delay.compareTo(Backoff.LONGEST) > 0)) {
            throw new IllegalArgumentException("delay " + delay + " is outside 0 to " + Backoff.LONGEST);
        }
        if (maxAttempts != null && (maxAttempts < 1 || maxAttempts > RetryPolicy.MOST_ATTEMPTS)) {
            throw new IllegalArgumentException(
                    "maxAttempts " + maxAttempts + " is outside 1 to " + RetryPolicy.MOST_ATTEMPTS);
        }
        if (timeout != null && (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_TIMEOUT) > 0)) {
            throw new IllegalArgumentException("timeout " + timeout + " is outside PT0.001S to " + LONGEST_TIMEOUT);
        }
        if (memoryBytes < 0) {
            throw new IllegalArgumentException("memoryBytes " + memoryBytes + " is negative");
        }
        if (group != null) {
            Names.check("group", group);
        }
        metadata = metadata.isEmpty() ? Map.of() : Map.copyOf(metadata);
        checkMetadata(metadata);
    }

    private static void checkMetadata(Map<String, String> metadata) {
        if (metadata.size() > MAX_METADATA) {
            throw new IllegalArgumentException(
                    "metadata has " + metadata.size() + " entries, more than " + MAX_METADATA);
        }
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            if (entry.getKey().length() > MAX_METADATA_TEXT || entry.getValue().length() > MAX_METADATA_TEXT) {
                throw new IllegalArgumentException(
                        "metadata has a key or value of more than " + MAX_METADATA_TEXT + " characters");
            }
        }
    }

    /** Runs no earlier than this long from now. */
    public JobOptions in(Duration wait) {
        return new JobOptions(
                wait,
                null,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Runs no earlier than this instant. */
    public JobOptions at(Instant instant) {
        return new JobOptions(
                null,
                instant,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Stands in the line of this priority. */
    public JobOptions priority(Priority line) {
        return new JobOptions(
                delay,
                runAt,
                line,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Has this many attempts in all. */
    public JobOptions maxAttempts(int most) {
        return new JobOptions(
                delay, runAt, priority, most, backoff, timeout, unique, group, memoryBytes, retention, metadata, limit);
    }

    /** Waits like this between attempts. */
    public JobOptions backoff(Backoff wait) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                wait,
                timeout,
                unique,
                group,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Is interrupted, and the attempt failed, when one run takes longer. */
    public JobOptions timeout(Duration longest) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                longest,
                unique,
                group,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Holds this key. */
    public JobOptions unique(Unique key) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                timeout,
                key,
                group,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Belongs to this group (tenant). */
    public JobOptions group(String name) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                name,
                memoryBytes,
                retention,
                metadata,
                limit);
    }

    /** Needs this much memory while it runs. */
    public JobOptions memory(long bytes) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                bytes,
                retention,
                metadata,
                limit);
    }

    /** Is kept this long once it has ended. */
    public JobOptions retain(Retention retain) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                memoryBytes,
                retain,
                metadata,
                limit);
    }

    /** Carries these notes. */
    public JobOptions metadata(Map<String, String> notes) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                memoryBytes,
                retention,
                notes,
                limit);
    }

    /** Runs only while fewer than so many jobs of this key run; see {@link KeyLimit}. */
    public JobOptions limit(String key, int permits) {
        return new JobOptions(
                delay,
                runAt,
                priority,
                maxAttempts,
                backoff,
                timeout,
                unique,
                group,
                memoryBytes,
                retention,
                metadata,
                new KeyLimit(key, permits));
    }
}
