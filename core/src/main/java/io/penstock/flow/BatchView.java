package io.penstock.flow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A batch at one instant; the counts cost the same for any number of jobs, and follow the jobs by a few milliseconds.
 *
 * @param state open, sealing, sealed, completed, failed or cancelled
 * @param added jobs added so far
 */
public record BatchView(
        FlowId id,
        String name,
        String state,
        Instant createdAt,
        @Nullable Instant endedAt,
        long added,
        long completed,
        long failed,
        long cancelled) {
    /** Returns the jobs that have not ended. */
    public long pending() {
        return Math.max(0, added - completed - failed - cancelled);
    }
}
