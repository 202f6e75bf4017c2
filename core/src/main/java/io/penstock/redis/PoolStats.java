package io.penstock.redis;

/**
 * What a {@link RedisPool} does now; always {@code active <= total <= max}.
 *
 * @param total connections that are open, being opened or being closed
 * @param active those that somebody holds
 * @param waiting callers that wait for one
 * @param avgAcquireMillis mean time to get one, over the last one to two minutes
 * @param avgResponseMillis mean time of an answer over them, without commands that wait by their nature, as long
 * @param timeouts callers that got none in time or were refused because too many waited, since the pool was made
 */
public record PoolStats(
        int total,
        int active,
        int idle,
        int waiting,
        int max,
        int min,
        double avgAcquireMillis,
        double avgResponseMillis,
        long timeouts) {}
