package io.penstock.flow;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the flows and batches, the newest first.
 *
 * @param next where to go on; null = there are no more
 */
public record FlowPage(List<Line> flows, @Nullable String next) {
    /**
     * How one stands.
     *
     * @param state as {@link FlowView} and {@link BatchView} have it
     * @param jobs how many it has; a batch: so far
     * @param left those that have not ended
     */
    public record Line(
            FlowId id,
            String name,
            String state,
            Instant createdAt,
            @Nullable Instant endedAt,
            long jobs,
            long left,
            long completed,
            long failed,
            long cancelled) {
        /** The line of a flow that is known whole. */
        public static Line of(FlowView flow) {
            return new Line(
                    flow.id(),
                    flow.name(),
                    flow.state(),
                    flow.createdAt(),
                    flow.endedAt(),
                    flow.jobs(),
                    flow.left(),
                    flow.completed(),
                    flow.failed(),
                    flow.cancelled());
        }

        static Line of(BatchView batch) {
            return new Line(
                    batch.id(),
                    batch.name(),
                    batch.state(),
                    batch.createdAt(),
                    batch.endedAt(),
                    batch.added(),
                    batch.pending(),
                    batch.completed(),
                    batch.failed(),
                    batch.cancelled());
        }
    }
}
