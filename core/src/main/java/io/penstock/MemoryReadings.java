package io.penstock;

import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemorySample;
import io.penstock.memory.MemoryStatus;
import io.penstock.series.Readings;
import java.util.List;
import java.util.Set;

/** What the governor knows of memory, for the rules about it; the monitor knows more and takes its place. */
final class MemoryReadings implements Readings {
    private static final List<MemoryLevel> LEVELS = List.of(MemoryLevel.values());

    private final MemoryGovernor memory;

    MemoryReadings(MemoryGovernor memory) {
        this.memory = memory;
    }

    @Override
    public double latest(String metric) {
        return switch (metric) {
            case "memory.level" -> LEVELS.indexOf(status().sample().level());
            case "memory.heap.share" -> heapShare(status().sample());
            case "memory.rss.share" -> status().sample().pressure().process();
            default -> Double.NaN;
        };
    }

    private MemoryStatus status() {
        return memory.status();
    }

    private static double heapShare(MemorySample sample) {
        double percentage = sample.heapUsedPercentage();
        return percentage < 0 ? Double.NaN : percentage / 100;
    }

    @Override
    public Set<String> metrics() {
        return Set.of("memory.level", "memory.heap.share", "memory.rss.share");
    }
}
