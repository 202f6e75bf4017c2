package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import org.jspecify.annotations.Nullable;

/**
 * A node that another node of its flow needs, as that one sees it when it runs.
 *
 * @param name in the flow
 * @param state COMPLETED, FAILED or CANCELLED; BLOCKED or ACTIVE only for a node that is started by hand
 * @param result JSON text in UTF-8; null if there is none, or if it is too large to be remembered with the flow
 * @param error why it failed; null if it did not
 */
public record Child(
        String name,
        JobId id,
        JobState state,
        byte @Nullable [] result,
        @Nullable JobError error) {}
