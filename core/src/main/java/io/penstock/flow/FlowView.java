package io.penstock.flow;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A flow at one instant.
 *
 * @param state running, compensating, completed, failed or cancelled
 * @param left jobs that have not ended
 * @param nodes in an order in which each stands behind those it needs, undos last; empty if only the state was asked for
 */
public record FlowView(
        FlowId id,
        String name,
        String state,
        Instant createdAt,
        @Nullable Instant endedAt,
        int jobs,
        int left,
        int completed,
        int failed,
        int cancelled,
        List<Node> nodes) {
    /**
     * One job of a flow.
     *
     * @param state BLOCKED, ACTIVE (let go: it waits in its queue or runs), COMPLETED, FAILED or CANCELLED
     * @param needs names of the jobs that it needs
     * @param undoes name of the job that it undoes; null if it is no undo
     */
    public record Node(
            String name,
            JobId id,
            String type,
            JobState state,
            OnFailure onFailure,
            List<String> needs,
            @Nullable String undoes) {}
}
