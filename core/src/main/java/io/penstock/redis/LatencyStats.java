package io.penstock.redis;

/**
 * How fast Redis answers this process, over all multiplexed commands of the last one to two minutes.
 *
 * @param ewmaMillis mean of each look's period, smoothed over the last few: what {@link RedisHealth} judges by
 * @param count answers behind the percentiles, which are at most an eighth too high
 */
public record LatencyStats(
        double ewmaMillis, double p50Millis, double p95Millis, double p99Millis, double maxMillis, long count) {}
