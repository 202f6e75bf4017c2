package io.penstock.monitor;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemorySample;
import io.penstock.memory.MonitorMode;
import io.penstock.series.Series;
import java.lang.management.ManagementFactory;
import java.util.List;

/** What the memory governor saw last; nothing is probed here. */
final class MemoryLook {
    static final List<String> NAMES = List.of(
            "memory.heap.used.bytes",
            "memory.heap.share",
            "memory.live.bytes",
            "memory.rss.bytes",
            "memory.rss.share",
            "memory.direct.bytes",
            "memory.level");

    /** Asked once, because asking reads files. */
    private static final long MACHINE_BYTES =
            ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                    ? system.getTotalMemorySize()
                    : -1;

    private MemoryLook() {}

    /** Returns false if nobody watches. */
    static boolean read(MemorySample sample, double[] row) {
        if (sample.mode() == MonitorMode.OFF) {
            return false;
        }
        row[0] = known(sample.heapUsedBytes());
        row[1] = share(sample.heapUsedBytes(), sample.heapMaxBytes());
        row[2] = known(sample.liveSetBytes());
        row[3] = known(sample.rssBytes());
        row[4] = share(sample.rssBytes(), limit(sample));
        row[5] = known(sample.directBytes());
        row[6] = grade(sample.level());
        return true;
    }

    private static int grade(MemoryLevel level) {
        return switch (level) {
            case NORMAL -> 0;
            case WATCH -> 1;
            case HIGH -> 2;
            case CRITICAL -> 3;
            case EMERGENCY -> 4;
        };
    }

    /** The container's limit, or the machine. */
    private static long limit(MemorySample sample) {
        long limit = sample.cgroup().limitBytes();
        return limit > 0 && (MACHINE_BYTES <= 0 || limit < MACHINE_BYTES) ? limit : MACHINE_BYTES;
    }

    private static double known(long value) {
        return value < 0 ? Series.UNKNOWN : value;
    }

    private static double share(long used, long max) {
        return used < 0 || max <= 0 ? Series.UNKNOWN : (double) used / max;
    }
}
