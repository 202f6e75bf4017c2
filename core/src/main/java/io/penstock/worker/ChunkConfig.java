package io.penstock.worker;

import java.time.Duration;

/**
 * When jobs that are gathered for one call of a handler are enough.
 *
 * @param size most jobs of a call, 1 to {@value #MOST_SIZE}
 * @param linger how long the first of them waits for more, 1 ms to 10 s
 * @param bytes most bytes of their records together, 1 KiB to 8 MiB; a larger job goes alone
 * @param byGroup whether a call gets jobs of one group only
 */
public record ChunkConfig(int size, Duration linger, long bytes, boolean byGroup) {
    /** What one call may get: two reports to Redis. */
    public static final int MOST_SIZE = 1_000;

    /** 50 ms: not felt beside what a call saves, and enough for some round trips that bring more. */
    public static final Duration DEFAULT_LINGER = Duration.ofMillis(50);

    /** 1 MiB: four payloads of the largest size, a thousand of 1 KiB. */
    public static final long DEFAULT_BYTES = 1 << 20;

    private static final Duration LEAST_LINGER = Duration.ofMillis(1);
    static final Duration MOST_LINGER = Duration.ofSeconds(10);
    private static final long LEAST_BYTES = 1 << 10;
    private static final long MOST_BYTES = 8 << 20;

    public ChunkConfig {
        check(size >= 1 && size <= MOST_SIZE, "chunk.size", size, "1 to " + MOST_SIZE);
        boolean fits = linger.compareTo(LEAST_LINGER) >= 0 && linger.compareTo(MOST_LINGER) <= 0;
        check(fits, "chunk.linger", linger, LEAST_LINGER + " to " + MOST_LINGER);
        check(bytes >= LEAST_BYTES && bytes <= MOST_BYTES, "chunk.bytes", bytes, LEAST_BYTES + " to " + MOST_BYTES);
    }

    private static void check(boolean legal, String key, Object value, String range) {
        if (!legal) {
            throw new IllegalArgumentException(
                    key + " " + value + " is out of range: it must be " + range + "; no handler was added");
        }
    }

    /** Up to so many jobs, and the defaults. */
    public static ChunkConfig of(int size) {
        return new ChunkConfig(size, DEFAULT_LINGER, DEFAULT_BYTES, false);
    }

    /** Returns this with another wait for more. */
    public ChunkConfig linger(Duration wait) {
        return new ChunkConfig(size, wait, bytes, byGroup);
    }

    /** Returns this with another limit on bytes. */
    public ChunkConfig bytes(long most) {
        return new ChunkConfig(size, linger, most, byGroup);
    }

    /** Returns this with calls for one group each; jobs without a group are one of their own. */
    public ChunkConfig byGroup(boolean each) {
        return new ChunkConfig(size, linger, bytes, each);
    }
}
