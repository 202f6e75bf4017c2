package io.penstock.importer;

import io.penstock.job.Priority;
import java.util.Map;
import java.util.TreeMap;

/** Which of our four priorities a number of Bull or BullMQ becomes: that of the next larger number named. */
final class Levels {
    private final TreeMap<Integer, String> told;

    Levels(Map<Integer, String> told) {
        this.told = new TreeMap<>(told);
        told.values().forEach(Priority::of);
    }

    /** @param fallback for numbers above all that were named, and for all if none was */
    String of(int priority, String fallback) {
        Map.Entry<Integer, String> level = told.ceilingEntry(priority);
        return level == null ? fallback : level.getValue();
    }
}
