package io.penstock.memory;

import io.penstock.memory.probe.ClassHistogram;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What there is to know about memory at one moment, to be kept or sent: numbers, names of classes and of job types, and
 * counts. No payload, argument, setting, environment or thread name is in it.
 *
 * @param id unique in this process
 * @param atMillis wall clock
 * @param histogram null unless it was asked for, because taking one stops the program
 * @param histogramMillis for how long it did
 * @param jobTypes jobs by the name of their type, at most 200, as the process that took it counts them
 * @param events the last ones, the newest first, 20 at most
 */
public record Snapshot(
        String id,
        long atMillis,
        MemorySample sample,
        MonitorState monitor,
        @Nullable ClassHistogram histogram,
        long histogramMillis,
        Map<String, Long> jobTypes,
        List<MemoryEvent> events) {
    private static final int FIXED_BYTES = 2_048; // two records of numbers and their lists
    private static final int EVENT_BYTES = Events.BYTES;
    private static final int NAMED_BYTES = 96; // entry, boxed number, header of the name

    /** Returns about how many bytes it holds. */
    long retainedBytes() {
        long bytes = FIXED_BYTES + (long) EVENT_BYTES * events.size();
        for (String type : jobTypes.keySet()) {
            bytes += NAMED_BYTES + type.length();
        }
        if (histogram != null) {
            for (ClassHistogram.Entry each : histogram.classes()) {
                bytes += NAMED_BYTES + each.className().length();
            }
        }
        return bytes;
    }
}
