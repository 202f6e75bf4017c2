package io.penstock.memory.admission;

import java.util.List;

/**
 * What a {@link LoadLine} holds and has done since it was made.
 *
 * @param lineBytes bytes that may be in use, jobs and all else together
 * @param baseBytes bytes in use by all else, by the last collections
 * @param runningBytes bytes reserved for running jobs
 * @param handBytes bytes of records taken from Redis and not yet reported, running ones included
 * @param running jobs that run
 * @param waiting jobs in hand that wait for room
 * @param throttle share of the line that is used: under 1 at the start and after pressure
 * @param liveShare what the last collection left, as a share of the largest heap
 * @param admitted jobs that ran
 * @param waited jobs that had to wait first
 * @param withdrawn jobs that were handed back while they waited
 * @param exceeded jobs that would have waited, in mode MONITOR
 * @param refused producers that were refused
 * @param outOfMemory jobs that ended in an OutOfMemoryError
 * @param types the most expensive types, at most {@value LoadLine#MOST_SHOWN}
 */
public record LoadLineStats(
        LoadLineConfig.Mode mode,
        long heapBytes,
        long lineBytes,
        long baseBytes,
        long runningBytes,
        long handBytes,
        int running,
        int waiting,
        double throttle,
        double liveShare,
        double garbageDiscount,
        long admitted,
        long waited,
        long withdrawn,
        long exceeded,
        long refused,
        long outOfMemory,
        List<TypeCost> types) {
    /**
     * What one type of job was found to need.
     *
     * @param runs measured
     * @param allocatedBytes by one run, 95th percentile of the last 64
     * @param perPayloadByte the same for each byte of payload
     * @param lastCostBytes what was reserved for its latest job
     */
    public record TypeCost(String type, long runs, long allocatedBytes, double perPayloadByte, long lastCostBytes) {}
}
