package io.penstock.cache;

import io.penstock.job.Payload;
import java.time.Duration;

/**
 * How one cache keeps its values; processes that share a cache should say the same.
 *
 * @param ttl the longest a value lives, in both tiers; 10 ms to {@link #LONGEST_TTL}
 * @param jitter the share of its life that each value is given less, at random, so that what was loaded together does not
 *     expire together; 0 to 0.9
 * @param staleAfter from this age on a value is still answered, and renewed in the background; at most {@code ttl}, and
 *     the same as it = never
 * @param absentTtl how long it is remembered that there is no value; zero = not at all; at most {@code ttl}
 * @param maxValueBytes largest value as JSON that is kept; 1 KiB to 8 MiB
 * @param lease how long others wait for the process that loads; choose it longer than a load; 100 ms to 10 min
 * @param nearOnly whether this process keeps its values for itself, without Redis
 */
public record CacheConfig(
        Duration ttl,
        double jitter,
        Duration staleAfter,
        Duration absentTtl,
        int maxValueBytes,
        Duration lease,
        boolean nearOnly) {
    /** A week: versions of tags must outlive every value. */
    public static final Duration LONGEST_TTL = Duration.ofDays(7);

    private static final Duration SHORTEST_TTL = Duration.ofMillis(10);
    private static final double MOST_JITTER = 0.9;
    private static final int LEAST_VALUE = 1 << 10;
    private static final int MOST_VALUE = 8 << 20;
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(100);
    private static final Duration LONGEST_LEASE = Duration.ofMinutes(10);

    /** Ten minutes with a tenth of jitter, renewed never, absence kept for 30 s, both tiers. */
    public static final CacheConfig DEFAULT = new CacheConfig(
            Duration.ofMinutes(10),
            0.1,
            Duration.ofMinutes(10),
            Duration.ofSeconds(30),
            Payload.DEFAULT_MAX_BYTES,
            Duration.ofSeconds(30),
            false);

    public CacheConfig {
        check(within(ttl, SHORTEST_TTL, LONGEST_TTL), "ttl", ttl, SHORTEST_TTL + " to " + LONGEST_TTL);
        check(jitter >= 0 && jitter <= MOST_JITTER, "jitter", jitter, "0 to " + MOST_JITTER);
        check(within(staleAfter, SHORTEST_TTL, ttl), "staleAfter", staleAfter, SHORTEST_TTL + " to the ttl, " + ttl);
        check(within(absentTtl, Duration.ZERO, ttl), "absentTtl", absentTtl, "0 to the ttl, " + ttl);
        check(
                maxValueBytes >= LEAST_VALUE && maxValueBytes <= MOST_VALUE,
                "maxValueBytes",
                maxValueBytes,
                LEAST_VALUE + " to " + MOST_VALUE);
        check(within(lease, SHORTEST_LEASE, LONGEST_LEASE), "lease", lease, SHORTEST_LEASE + " to " + LONGEST_LEASE);
    }

    /** Returns this with another life of values; what must not be longer is shortened with it. */
    public CacheConfig ttl(Duration longest) {
        Duration stale = staleAfter.equals(ttl) ? longest : shorter(staleAfter, longest);
        return new CacheConfig(longest, jitter, stale, shorter(absentTtl, longest), maxValueBytes, lease, nearOnly);
    }

    /** Returns this with another share of randomness. */
    public CacheConfig jitter(double share) {
        return new CacheConfig(ttl, share, staleAfter, absentTtl, maxValueBytes, lease, nearOnly);
    }

    /** Returns this with values that are renewed in the background from this age on. */
    public CacheConfig staleAfter(Duration age) {
        return new CacheConfig(ttl, jitter, age, absentTtl, maxValueBytes, lease, nearOnly);
    }

    /** Returns this with another time for which absence is remembered. */
    public CacheConfig absentTtl(Duration longest) {
        return new CacheConfig(ttl, jitter, staleAfter, longest, maxValueBytes, lease, nearOnly);
    }

    /** Returns this with another size of values. */
    public CacheConfig maxValueBytes(int most) {
        return new CacheConfig(ttl, jitter, staleAfter, absentTtl, most, lease, nearOnly);
    }

    /** Returns this with another time that others wait for a load. */
    public CacheConfig lease(Duration length) {
        return new CacheConfig(ttl, jitter, staleAfter, absentTtl, maxValueBytes, length, nearOnly);
    }

    /** Returns this for one process, without Redis. */
    public CacheConfig withoutRedis() {
        return new CacheConfig(ttl, jitter, staleAfter, absentTtl, maxValueBytes, lease, true);
    }

    /** How long a version must be remembered to outlive every value that was loaded before it. */
    long versionMillis() {
        return ttl.plus(lease).plusMinutes(1).toMillis();
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static boolean within(Duration value, Duration least, Duration most) {
        return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
    }

    static void check(boolean holds, String what, Object value, String legal) {
        if (!holds) {
            throw new IllegalArgumentException("cache: " + what + " is " + value + ", legal is " + legal
                    + "; nothing was kept or changed; correct it and try again");
        }
    }
}
