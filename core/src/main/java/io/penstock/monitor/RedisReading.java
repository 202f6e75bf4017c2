package io.penstock.monitor;

import io.penstock.redis.PoolStats;
import io.penstock.redis.RedisStatus;
import org.jspecify.annotations.Nullable;

/**
 * What those who look after Redis knew of it when they were asked; {@code NaN} = nobody knows.
 *
 * @param latencyP99Millis of the answers to this process, over the last one to two minutes
 * @param memoryShare used of the most, 0 to 1
 * @param clients connected to the server, of all processes
 * @param poolTotal connections of the pool of this process
 * @param poolWaiting callers that wait for one
 * @param poolTimeouts callers that got none, since the pool was made
 */
public record RedisReading(
        double latencyP99Millis,
        double memoryShare,
        double clients,
        double poolTotal,
        double poolActive,
        double poolWaiting,
        double poolTimeouts) {
    /** Nobody looks. */
    public static final RedisReading NONE =
            new RedisReading(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /** Returns what these say. */
    public static RedisReading of(RedisStatus status, @Nullable PoolStats pool) {
        boolean known = status.lookedAt() != null;
        return new RedisReading(
                        status.latency().count() > 0 ? status.latency().p99Millis() : Double.NaN,
                        share(status.usedMemoryBytes(), known ? status.maxMemoryBytes() : -1),
                        known ? status.connectedClients() : Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN)
                .pool(pool);
    }

    /** Returns this with another share of memory, by bytes; a limit of 0 or less is none. */
    public RedisReading memory(long usedBytes, long maxBytes) {
        return new RedisReading(
                latencyP99Millis,
                share(usedBytes, maxBytes),
                clients,
                poolTotal,
                poolActive,
                poolWaiting,
                poolTimeouts);
    }

    private RedisReading pool(@Nullable PoolStats pool) {
        return pool == null
                ? this
                : new RedisReading(
                        latencyP99Millis,
                        memoryShare,
                        clients,
                        pool.total(),
                        pool.active(),
                        pool.waiting(),
                        pool.timeouts());
    }

    private static double share(long used, long max) {
        return used < 0 || max <= 0 ? Double.NaN : (double) used / max;
    }
}
