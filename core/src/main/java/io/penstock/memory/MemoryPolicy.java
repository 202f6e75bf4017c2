package io.penstock.memory;

import io.penstock.memory.optimise.OptimiserPolicy;
import java.time.Duration;

/**
 * The settings of the governor that are changed while it runs; their names are those of the outside.
 *
 * @param enabled false = memory is neither watched nor freed; the load line goes on by itself
 * @param autoOptimization whether optimisations run that nobody asked for
 * @param threshold percent of the budget at which what survives collections raises an alarm, 20 to 95
 * @param intervalMs between two looks while all is well, 100 to 3,600,000
 * @param maxHeapSizeMB budget of the heap; 0 = what the JVM was given
 * @param maxRSSSizeMB budget of the process; 0 = 90 % of the container's limit, none without such
 */
public record MemoryPolicy(
        boolean enabled,
        boolean autoOptimization,
        int threshold,
        long intervalMs,
        long maxHeapSizeMB,
        long maxRSSSizeMB) {
    /** On, automatic, 80 %, 30 s, budgets by what the JVM and the container say. */
    public static final MemoryPolicy DEFAULT = new MemoryPolicy(true, true, 80, 30_000, 0, 0);

    public MemoryPolicy {
        MemoryConfig checked = monitor(enabled, threshold, intervalMs, maxHeapSizeMB, maxRSSSizeMB);
        threshold = checked.threshold();
    }

    /** Watching and freeing switched off. */
    public MemoryPolicy off() {
        return new MemoryPolicy(false, false, threshold, intervalMs, maxHeapSizeMB, maxRSSSizeMB);
    }

    MemoryConfig monitor() {
        return monitor(enabled, threshold, intervalMs, maxHeapSizeMB, maxRSSSizeMB);
    }

    private static MemoryConfig monitor(boolean on, int threshold, long intervalMs, long heapMB, long rssMB) {
        MemoryConfig usual = MemoryConfig.DEFAULT;
        int at = Math.max(2, Math.min(97, threshold)); // what is out of range must be told of by its own name below
        MemoryConfig levels = usual.withThreshold(at);
        return new MemoryConfig(
                on, intervalMs, levels.watch(), threshold, levels.critical(), levels.emergency(), heapMB, rssMB);
    }

    OptimiserPolicy optimiser() {
        return OptimiserPolicy.of(
                enabled,
                autoOptimization,
                threshold,
                Duration.ofMillis(intervalMs),
                maxHeapSizeMB << 20,
                maxRSSSizeMB << 20);
    }
}
