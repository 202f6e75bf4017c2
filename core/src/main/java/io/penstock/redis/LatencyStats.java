package io.penstock.redis;

import java.time.Instant;

/**
 * How fast Redis answers this process, over all multiplexed commands of the last one to two minutes; or how fast callers
 * get a connection of a pool.
 *
 * @param ewmaMillis mean of each look's period, smoothed over the last few: what {@link RedisHealth} judges by; of a pool
 *     the plain mean
 * @param count answers behind the percentiles, which are at most an eighth too high
 * @param totalCount answers since the start
 * @param totalMillis of all of them together
 */
public record LatencyStats(
        double ewmaMillis,
        double p50Millis,
        double p95Millis,
        double p99Millis,
        double maxMillis,
        long count,
        long totalCount,
        double totalMillis) {

    /**
     * One look of {@link RedisHealth}.
     *
     * @param meanMillis of the answers since the look before
     * @param p99Millis of the last one to two minutes, as {@code maxMillis}
     */
    public record Look(Instant at, double meanMillis, double p99Millis, double maxMillis) {}
}
