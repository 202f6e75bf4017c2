package io.penstock.cache;

/**
 * What one cache does in all processes that have it open.
 *
 * @param stats their sum
 * @param processes how many told of it within the last minute
 */
public record CacheOverview(CacheStats stats, int processes) {}
