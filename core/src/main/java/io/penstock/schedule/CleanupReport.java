package io.penstock.schedule;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one clean-up found and forgot.
 *
 * @param reason {@code daily} or {@code manual}
 * @param queues that were looked through
 * @param removed records forgotten, and what the program's own chores forgot
 * @param freedBytes of those records, by the queues' own counters before and after
 * @param steps the first queues where something was forgotten or went wrong, then the program's chores
 */
public record CleanupReport(
        String id,
        String reason,
        Instant startedAt,
        long durationMillis,
        int queues,
        long removed,
        long freedBytes,
        boolean success,
        List<Step> steps) {
    /**
     * One queue, or one chore of the program.
     *
     * @param freedBytes -1 = not known, because it went wrong half way or is a chore
     * @param error null = it went well
     */
    public record Step(
            String name,
            long removed,
            long freedBytes,
            long durationMillis,
            @Nullable String error) {}

    public CleanupReport {
        steps = List.copyOf(steps);
    }
}
