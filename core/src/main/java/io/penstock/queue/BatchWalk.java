package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.redis.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Finds the jobs of one batch by reading all that have not ended, a page at a time, and cancels them. */
final class BatchWalk {
    private static final int PAGE = 500;
    private static final List<JobState> STATES = List.of(JobState.DELAYED, JobState.WAITING, JobState.ACTIVE);

    private final QueueStore store;
    private final JobLister lister;
    private final JobMover mover;
    private final String place;

    BatchWalk(QueueStore store, JobLister lister, JobMover mover, FlowPlace batch) {
        this.store = store;
        this.lister = lister;
        this.mover = mover;
        this.place = batch.toString();
    }

    CompletionStage<Long> run() {
        return page(0, null, 0);
    }

    private CompletionStage<Long> page(int state, @Nullable String cursor, long before) {
        if (state == STATES.size()) {
            return CompletableFuture.completedFuture(before);
        }
        return lister.slice(STATES.get(state), cursor, PAGE)
                .thenCompose(slice -> cancel(slice.serials()).thenCompose(cancelled -> {
                    boolean over = slice.next() == null;
                    return page(over ? state + 1 : state, slice.next(), before + cancelled);
                }));
    }

    private CompletionStage<Long> cancel(List<String> serials) {
        List<CompletableFuture<Long>> all = new ArrayList<>();
        for (String serial : serials) {
            byte[] records = store.keys().records(JobId.blockOf(serial));
            all.add(store.redis()
                    .command("HGET", new Call(96).key(records).arg(serial))
                    .thenCompose(reply -> reply.get(0) != null
                                    && StoredJob.of((byte[]) reply.get(0))
                                            .flow()
                                            .equals(place)
                            ? mover.cancel(serial).thenApply(change -> change.ok() ? 1L : 0L)
                            : CompletableFuture.completedFuture(0L))
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(
                        done -> all.stream().mapToLong(CompletableFuture::join).sum());
    }
}
