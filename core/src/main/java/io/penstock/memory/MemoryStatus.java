package io.penstock.memory;

import io.penstock.memory.admission.LoadLineStats;
import io.penstock.memory.leak.LeakReport;
import io.penstock.memory.optimise.OptimiserStats;
import java.util.List;

/**
 * All that the governor knows at one moment.
 *
 * @param optimises false = another governor of this process does, this one only watches
 * @param issues what is wrong now, one sentence each; empty = healthy
 * @param recommendations what to do about it, and about the JVM's options, one sentence each
 */
public record MemoryStatus(
        MemoryPolicy policy,
        MemorySample sample,
        LeakReport leak,
        boolean optimises,
        OptimiserStats optimisation,
        LoadLineStats admission,
        MonitorState monitor,
        List<String> issues,
        List<String> recommendations) {
    public MemoryStatus {
        issues = List.copyOf(issues);
        recommendations = List.copyOf(recommendations);
    }

    /** Tells whether nothing is wrong. */
    public boolean healthy() {
        return issues.isEmpty();
    }
}
