package io.penstock.redis;

import java.time.Duration;

/**
 * How many dedicated connections a {@link RedisPool} may hold and how long things may take there.
 *
 * @param max connections at most, 1 to 1,000; {@code REDIS_MAX_CONNECTIONS}
 * @param min connections kept open while idle, 0 to max; 0 = nothing is opened before the first use;
 *     {@code REDIS_MIN_CONNECTIONS}
 * @param acquireTimeout how long a caller waits for a connection, 1 ms to 5 min; {@code REDIS_ACQUIRE_TIMEOUT_MS}
 * @param maxWaiting callers that may wait at once, 0 to 100,000; the next one is refused at once
 * @param idleTimeout after how long an idle connection above min is closed, 100 ms to 1 day
 * @param validateAfter after how long without use a connection must answer a PING before it is lent, 0 to 1 hour
 * @param leakAfter after how long the holder of a connection is told by the log, once; 100 ms to 1 day
 * @param leakStacks whether the stack of each acquire is kept to be told with it: some ten microseconds an acquire
 */
public record PoolConfig(
        int max,
        int min,
        Duration acquireTimeout,
        int maxWaiting,
        Duration idleTimeout,
        Duration validateAfter,
        Duration leakAfter,
        boolean leakStacks) {
    private static final int MOST_CONNECTIONS = 1_000;
    private static final int MOST_WAITING = 100_000;
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST_UPKEEP = Duration.ofSeconds(5);
    private static final Duration DAY = Duration.ofDays(1);

    /** 20 at most as in the report that asked for it, none kept; 5 s as a call has; servers and balancers cut idle ones after minutes. */
    public static final PoolConfig DEFAULT = new PoolConfig(
            20,
            0,
            Duration.ofSeconds(5),
            10_000,
            Duration.ofMinutes(1),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            false);

    public PoolConfig {
        within("REDIS_MAX_CONNECTIONS", max, 1, MOST_CONNECTIONS);
        within("REDIS_MIN_CONNECTIONS", min, 0, max);
        within("REDIS_ACQUIRE_TIMEOUT_MS", acquireTimeout, Duration.ofMillis(1), Duration.ofMinutes(5));
        within("redis pool maxWaiting", maxWaiting, 0, MOST_WAITING);
        within("redis pool idleTimeout", idleTimeout, SHORTEST, DAY);
        within("redis pool validateAfter", validateAfter, Duration.ZERO, Duration.ofHours(1));
        within("redis pool leakAfter", leakAfter, SHORTEST, DAY);
    }

    private static void within(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw refused(key, Integer.toString(value), least + " to " + most);
        }
    }

    private static void within(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            String shown = key.endsWith("_MS") ? Long.toString(value.toMillis()) : value.toString();
            String bounds =
                    key.endsWith("_MS") ? least.toMillis() + " to " + most.toMillis() + " ms" : least + " to " + most;
            throw refused(key, shown, bounds);
        }
    }

    private static IllegalArgumentException refused(String key, String value, String bounds) {
        return new IllegalArgumentException(
                key + ": " + value + " is outside " + bounds + "; no pool was made; set " + key + " to a value inside");
    }

    /** Often enough that idle and leak times are kept to within a quarter, and never more than 40 times a second. */
    Duration upkeepPeriod() {
        Duration quarter = (idleTimeout.compareTo(leakAfter) < 0 ? idleTimeout : leakAfter).dividedBy(4);
        return quarter.compareTo(LONGEST_UPKEEP) < 0 ? quarter : LONGEST_UPKEEP;
    }

    /** With other numbers of connections. */
    public PoolConfig connections(int newMin, int newMax) {
        return new PoolConfig(
                newMax, newMin, acquireTimeout, maxWaiting, idleTimeout, validateAfter, leakAfter, leakStacks);
    }

    /** With another longest wait of a caller. */
    public PoolConfig acquireTimeout(Duration wait) {
        return new PoolConfig(max, min, wait, maxWaiting, idleTimeout, validateAfter, leakAfter, leakStacks);
    }
}
