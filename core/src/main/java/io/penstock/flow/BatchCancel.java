package io.penstock.flow;

import io.penstock.queue.Queue;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Cancels the jobs of a batch: a batch knows none of them by name, so the lines of its queues are walked for them.
 *
 * <p>Cost: a page of 500 jobs is read for each 500 that wait in those queues, of whatever batch, and two scripts a job that
 * is cancelled.
 */
final class BatchCancel {
    private final Function<String, Queue> queues;
    private final FlowId id;

    BatchCancel(Function<String, Queue> queues, FlowId id) {
        this.queues = queues;
        this.id = id;
    }

    CompletionStage<Void> run() {
        return queues.apply(id.queue()).flows().sources(id.key()).thenCompose(sources -> {
            List<CompletableFuture<?>> all = sources.stream()
                    .<CompletableFuture<?>>map(source -> queues.apply(source)
                            .cancelBatch(id.queue(), id.key())
                            .toCompletableFuture())
                    .toList();
            return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
        });
    }
}
