package io.penstock.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A worker incarnation as its lease shows it.
 *
 * @param number names the incarnation in its queue
 * @param report JSON that the worker sent with its last renewal, empty before the first
 * @param quiet whether it was asked to take no more jobs
 * @param stopping whether it was asked to end what it runs and leave
 */
public record WorkerView(
        String queue,
        String number,
        Instant leaseUntil,
        @Nullable Instant seen,
        String report,
        boolean quiet,
        boolean stopping) {}
