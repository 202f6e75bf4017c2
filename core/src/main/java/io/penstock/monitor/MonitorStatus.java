package io.penstock.monitor;

import java.util.List;

/**
 * What measuring does and costs.
 *
 * @param retainedBytes of all histories now; {@code maxBytes} is never passed
 * @param queueBytes of one queue's history
 * @param queues with a history
 * @param mostQueues that fit into {@code maxBytes}
 * @param unmonitored queues that have none, because others have more traffic
 * @param skipped rounds of the queues that did not begin, because Redis had not answered the one before
 * @param cpuShare of one core since the start, by the time that measuring took on its threads
 */
public record MonitorStatus(
        boolean enabled,
        boolean history,
        List<Group> groups,
        long retainedBytes,
        long maxBytes,
        long queueBytes,
        int queues,
        int mostQueues,
        int unmonitored,
        long skipped,
        double cpuShare) {
    public MonitorStatus {
        groups = List.copyOf(groups);
    }

    /**
     * Metrics that are measured together.
     *
     * @param lastMillis wall clock of the last sample, 0 = none yet
     * @param micros of the last sample, its parts on other threads included
     */
    public record Group(
            String name,
            long intervalMillis,
            int metrics,
            long samples,
            long lastMillis,
            double micros,
            double meanMicros,
            double longestMicros) {}
}
