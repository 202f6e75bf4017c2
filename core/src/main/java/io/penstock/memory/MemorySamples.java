package io.penstock.memory;

import io.penstock.memory.probe.Column;
import io.penstock.memory.probe.Probes;

/** Makes the record that people read out of the row that was sampled. */
final class MemorySamples {
    private MemorySamples() {}

    /** The caller holds the monitor's lock. */
    static MemorySample of(MemoryMonitor monitor, Probes probes, LiveSet live, long millis) {
        return new MemorySample(
                millis,
                monitor.mode(),
                monitor.level(),
                monitor.pressure(),
                probes.get(Column.HEAP_USED),
                probes.get(Column.HEAP_COMMITTED),
                probes.get(Column.HEAP_MAX),
                live.liveBytes(),
                live.floorBytes(),
                probes.get(Column.NON_HEAP_USED),
                probes.get(Column.METASPACE_USED),
                probes.get(Column.CODE_CACHE_USED),
                probes.get(Column.DIRECT_USED),
                probes.get(Column.DIRECT_MAX),
                probes.get(Column.MAPPED_USED),
                probes.get(Column.THREADS),
                probes.get(Column.COLLECTIONS),
                probes.get(Column.GC_PAUSE_MILLIS),
                probes.get(Column.GC_CYCLE_MILLIS),
                monitor.pauseShare(),
                probes.collectors(),
                probes.get(Column.RSS),
                probes.rssSource(),
                cgroup(probes),
                new MemorySample.Stall(share(probes.get(Column.STALL_SOME)), share(probes.get(Column.STALL_FULL))),
                probes.get(Column.CPU_MILLIS),
                probes.get(Column.OUTSIDE_USED),
                probes.get(Column.OUTSIDE_MAX));
    }

    private static MemorySample.Cgroup cgroup(Probes probes) {
        return new MemorySample.Cgroup(
                probes.cgroupVersion(),
                probes.get(Column.CGROUP_USED),
                probes.get(Column.CGROUP_RECLAIMABLE),
                probes.get(Column.CGROUP_LIMIT),
                probes.get(Column.CGROUP_HIGH),
                probes.get(Column.CGROUP_BREACHES),
                probes.get(Column.CGROUP_KILLS));
    }

    private static double share(long hundredthsOfPercent) {
        return hundredthsOfPercent < 0 ? MemorySample.UNKNOWN : hundredthsOfPercent / 10_000.0;
    }
}
