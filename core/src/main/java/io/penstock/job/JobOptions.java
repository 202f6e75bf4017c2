package io.penstock.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
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
 * @param once what names the request that this job is for, so that the request sent again gets the same job; it may have a
 *     unique key besides
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
        @Nullable KeyLimit limit,
        @Nullable Once once) {
    /** Entries of metadata. */
    public static final int MAX_METADATA = 16;

    /** Characters of one metadata key or value. */
    public static final int MAX_METADATA_TEXT = 256;

    /** Longest timeout: a day; a longer job should be cut into steps. */
    public static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);

    /** Nothing said. */
    public static final JobOptions NONE =
            new JobOptions(null, null, null, null, null, null, null, null, 0, null, Map.of(), null, null);

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
        if (once != null && unique != null && unique.mode().replaces()) {
            throw new IllegalArgumentException(
                    "once and unique mode " + unique.mode().wire()
                            + " are both set, so the request sent again would undo what came after it; nothing was done; use drop or"
                            + " throttle");
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
        return with(parts -> {
            parts.delay = wait;
            parts.runAt = null;
        });
    }

    /** Runs no earlier than this instant. */
    public JobOptions at(Instant instant) {
        return with(parts -> {
            parts.delay = null;
            parts.runAt = instant;
        });
    }

    /** Stands in the line of this priority. */
    public JobOptions priority(Priority line) {
        return with(parts -> parts.priority = line);
    }

    /** Has this many attempts in all. */
    public JobOptions maxAttempts(int most) {
        return with(parts -> parts.maxAttempts = most);
    }

    /** Waits like this between attempts. */
    public JobOptions backoff(Backoff wait) {
        return with(parts -> parts.backoff = wait);
    }

    /** Is interrupted, and the attempt failed, when one run takes longer. */
    public JobOptions timeout(Duration longest) {
        return with(parts -> parts.timeout = longest);
    }

    /** Holds this key. */
    public JobOptions unique(Unique key) {
        return with(parts -> parts.unique = key);
    }

    /** Belongs to this group (tenant). */
    public JobOptions group(String name) {
        return with(parts -> parts.group = name);
    }

    /** Needs this much memory while it runs. */
    public JobOptions memory(long bytes) {
        return with(parts -> parts.memoryBytes = bytes);
    }

    /** Is kept this long once it has ended. */
    public JobOptions retain(Retention retain) {
        return with(parts -> parts.retention = retain);
    }

    /** Carries these notes. */
    public JobOptions metadata(Map<String, String> notes) {
        return with(parts -> parts.metadata = notes);
    }

    /** Runs only while fewer than so many jobs of this key run; see {@link KeyLimit}. */
    public JobOptions limit(String key, int permits) {
        return with(parts -> parts.limit = new KeyLimit(key, permits));
    }

    /**
     * Is added once for all requests of this key: sent again within this time the request is a duplicate of the job that it got,
     * also after that has ended. A unique key says besides which jobs do the same work; a request that is answered by the
     * job of another stays with it.
     *
     * @param key 1 to {@value Unique#MAX_KEY} characters
     * @param keep 1 ms to {@link Backoff#LONGEST}
     */
    public JobOptions once(String key, Duration keep) {
        return with(parts -> parts.once = new Once(key, keep));
    }

    /** Tells whether another job may be there in its place, so that it is not added. */
    public boolean keyed() {
        return unique != null || once != null;
    }

    private JobOptions with(Consumer<Parts> change) {
        Parts parts = new Parts(this);
        change.accept(parts);
        return parts.options();
    }

    /** All that may be said, of which a method changes one or two: to write out the other ten each time would hide which. */
    private static final class Parts {
        private @Nullable Duration delay;
        private @Nullable Instant runAt;
        private @Nullable Priority priority;
        private @Nullable Integer maxAttempts;
        private @Nullable Backoff backoff;
        private @Nullable Duration timeout;
        private @Nullable Unique unique;
        private @Nullable String group;
        private long memoryBytes;
        private @Nullable Retention retention;
        private Map<String, String> metadata;
        private @Nullable KeyLimit limit;
        private @Nullable Once once;

        Parts(JobOptions from) {
            delay = from.delay;
            runAt = from.runAt;
            priority = from.priority;
            maxAttempts = from.maxAttempts;
            backoff = from.backoff;
            timeout = from.timeout;
            unique = from.unique;
            group = from.group;
            memoryBytes = from.memoryBytes;
            retention = from.retention;
            metadata = from.metadata;
            limit = from.limit;
            once = from.once;
        }

        JobOptions options() {
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
                    limit,
                    once);
        }
    }
}
