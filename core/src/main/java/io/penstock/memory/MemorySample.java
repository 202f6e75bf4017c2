package io.penstock.memory;

import io.penstock.memory.probe.CollectorTotals;
import io.penstock.memory.probe.Column;
import io.penstock.memory.probe.RssSource;
import java.util.List;

/**
 * What was known of memory at one moment; made when somebody asks, not when it is sampled.
 *
 * <p>A number that nobody could tell is {@link #UNKNOWN}.
 *
 * @param timestamp wall clock in milliseconds
 * @param heapUsedBytes garbage included: for display, no decision is built on it
 * @param liveSetBytes the least upper bound that the last three collections gave
 * @param liveFloorBytes the bottom of the last saw-tooth, or what collections of the whole heap left
 * @param gcCount collections of any kind since the JVM began
 * @param gcMillis pauses since the JVM began
 * @param gcCycleMillis time of collections beside the program
 * @param gcPauseShare share of the last minute, 0 to 1
 * @param collectors each bean by itself
 * @param cpuMillis processor time of the process
 * @param outsideUsedBytes of the outside gauge, such as Redis
 */
public record MemorySample(
        long timestamp,
        MonitorMode mode,
        MemoryLevel level,
        Pressure pressure,
        long heapUsedBytes,
        long heapCommittedBytes,
        long heapMaxBytes,
        long liveSetBytes,
        long liveFloorBytes,
        long nonHeapBytes,
        long metaspaceBytes,
        long codeCacheBytes,
        long directBytes,
        long directMaxBytes,
        long mappedBytes,
        long threads,
        long gcCount,
        long gcMillis,
        long gcCycleMillis,
        double gcPauseShare,
        List<CollectorTotals> collectors,
        long rssBytes,
        RssSource rssSource,
        Cgroup cgroup,
        Stall stall,
        long cpuMillis,
        long outsideUsedBytes,
        long outsideMaxBytes) {
    /** Stands for a number that nobody could tell. */
    public static final long UNKNOWN = Column.UNKNOWN;

    /**
     * The container.
     *
     * @param version 1 or 2, 0 = there is none
     * @param reclaimableBytes file cache that the kernel takes back before it kills
     * @param breaches how often the limit or the line of slowing down was met
     * @param kills how often the kernel killed in it
     */
    public record Cgroup(
            int version,
            long usedBytes,
            long reclaimableBytes,
            long limitBytes,
            long highBytes,
            long breaches,
            long kills) {}

    /**
     * Time lost waiting for memory, as shares of the last 10 s, 0 to 1; negative = unknown.
     *
     * @param some at least somebody waited
     * @param full everybody waited
     */
    public record Stall(double some, double full) {}

    /** Returns used to most bytes of the heap, 0 to 100, or {@link #UNKNOWN}. */
    public double heapUsedPercentage() {
        return heapUsedBytes < 0 || heapMaxBytes <= 0 ? UNKNOWN : heapUsedBytes * 100.0 / heapMaxBytes;
    }
}
