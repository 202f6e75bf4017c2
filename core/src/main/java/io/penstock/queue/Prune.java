package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.QueueSettings.Keep;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Forgets finished jobs beyond their budgets in age, count and bytes, oldest first, a slice at a time.
 *
 * <p>Completed jobs stand in a list of runs that carry size and time, so that a slice is decided without reading a
 * record; a run goes as a whole. Dead letters and cancelled jobs are few and stand in sorted sets by time. A job's own
 * retention, longer or shorter than the queue's, is in its finish record, so a walk over those sets looks at {@value #LOOK} a
 * round: of n dead letters the last one whose time is over goes n / {@value #LOOK} rounds later. Budgets of count and bytes go
 * before any retention.
 */
final class Prune {
    /** Index entries looked at in one slice. */
    private static final int RUNS = 200;

    private static final int LOOK = QueueStore.PRUNE_LOOK;

    private final QueueStore store;
    private final Supplier<QueueSettings> settings;
    private final Map<JobState, Integer> walked = new ConcurrentHashMap<>(); // where the walk over a set stands

    Prune(QueueStore store, Supplier<QueueSettings> settings) {
        this.store = store;
        this.settings = settings;
    }

    /** Completed jobs first, since they come by the thousand; the others when those do not fill the slice. */
    CompletionStage<Integer> slice(int most) {
        return slice(JobState.COMPLETED, most)
                .thenCompose(done -> done >= most / 2
                        ? CompletableFuture.completedFuture(done)
                        : slice(JobState.FAILED, most)
                                .thenCombine(slice(JobState.CANCELLED, most), Integer::sum)
                                .thenApply(others -> done + others));
    }

    /** One slice of one state; dead letters and cancelled jobs have a budget each, of the same size. */
    CompletionStage<Integer> slice(JobState state, int most) {
        QueueKeys keys = store.keys();
        Call call = new Call(128).key(keys.counters).arg(state.wire()).arg(state.wire() + "Bytes");
        QueueSettings s = settings.get();
        CompletionStage<List<Object>> counted = store.redis().command("HMGET", call);
        if (state != JobState.COMPLETED) {
            return counted.thenCompose(n ->
                    number(n.get(0)) == 0 ? CompletableFuture.completedFuture(0) : sorted(state, s.failed(), most));
        }
        Call head = new Call(64).key(keys.completed).arg(0).arg(RUNS - 1);
        return counted.thenCombine(
                        store.redis().command("LRANGE", head),
                        (n, runs) -> over(s.completed(), number(n.get(0)), number(n.get(1)), most, runs))
                .thenCompose(old -> old.isEmpty() ? retained(s.completed(), most) : drop(old, most));
    }

    private static long number(@org.jspecify.annotations.Nullable Object field) {
        return field == null ? 0 : Long.parseLong(Redis.text(field));
    }

    /** One entry of the index of completed jobs: jobs of one block that ended together. */
    record Run(String text, long second, long bytes, List<String> serials) {
        static Run of(String text) {
            String[] part = text.split(":", 3);
            if (part.length < 3 || !(part[0] + part[1]).matches("\\d{1,30}")) {
                return new Run(text, 0, 0, List.of()); // none of ours: goes with the next slice, and stops nobody
            }
            return new Run(text, Long.parseLong(part[0]), Long.parseLong(part[1]), List.of(part[2].split(",", -1)));
        }
    }

    /** The runs at the head of the index that are too old or over the budgets, at most so many jobs. */
    private List<Run> over(Keep keep, long count, long bytes, int most, List<Object> head) {
        long oldest = (store.clock().millis() - keep.age().toMillis()) / 1000;
        long countLeft = count;
        long bytesLeft = bytes;
        int jobs = 0;
        List<Run> old = new ArrayList<>();
        for (Object text : head) {
            Run run = Run.of(Redis.text(text));
            // A run goes as a whole, so up to a run more than the budget may stay.
            boolean fits = countLeft - run.serials.size() < keep.count() && bytesLeft - run.bytes < keep.bytes();
            boolean stays = run.second > oldest && fits && !keep.none();
            if (stays || (jobs > 0 && jobs + run.serials.size() > most)) {
                break;
            }
            countLeft -= run.serials.size();
            bytesLeft -= run.bytes;
            jobs += run.serials.size();
            old.add(run);
        }
        return old;
    }

    /**
     * Completed jobs with a retention of their own: dropped when it ends, when nothing at all is to be kept, or, those that
     * end first, when nothing else is left that could go to keep the budgets.
     */
    private CompletionStage<Integer> retained(Keep keep, int most) {
        QueueKeys keys = store.keys();
        String until = keep.none() ? "+inf" : Long.toString(store.clock().millis());
        Call due = new Call(96)
                .key(keys.retained)
                .arg("-inf")
                .arg(until)
                .arg("LIMIT")
                .arg(0)
                .arg(RUNS);
        return store.redis().command("ZRANGEBYSCORE", due).thenCompose(reply -> {
            if (!reply.isEmpty()) {
                return forget(keys.retained, JobState.COMPLETED, texts(reply));
            }
            return store.redis()
                    .command("LLEN", new Call(64).key(keys.completed))
                    .thenCompose(runs -> (Long) runs.get(0) > 0
                            ? CompletableFuture.completedFuture(0)
                            : overBudget(JobState.COMPLETED, keys.retained, keep, most));
        });
    }

    private static List<String> texts(List<Object> reply) {
        return reply.stream().map(Redis::text).toList();
    }

    /** Forgets jobs of a sorted set; which of them have gathered extras is not asked, deleting none costs nothing. */
    private CompletionStage<Integer> forget(byte[] index, JobState state, List<String> serials) {
        if (serials.isEmpty()) {
            return CompletableFuture.completedFuture(0);
        }
        Slice slice = new Slice(index);
        serials.forEach(serial -> slice.add(serial, true));
        return slice.send(slice.head().arg(state.wire()).arg(0).arg(0));
    }

    /** The first jobs of a sorted set, as many as are over the queue's budgets. */
    private CompletionStage<Integer> overBudget(JobState state, byte[] index, Keep keep, int most) {
        Call counted =
                new Call(128).key(store.keys().counters).arg(state.wire()).arg(state.wire() + "Bytes");
        return store.redis().command("HMGET", counted).thenCompose(n -> {
            long over = keep.none() ? Long.MAX_VALUE : number(n.get(0)) - keep.count();
            long overBytes = number(n.get(1)) - keep.bytes();
            if (over <= 0 && overBytes <= 0) {
                return CompletableFuture.completedFuture(0);
            }
            int look = (int) Math.min(over > 0 ? over : LOOK, Math.min(most, QueueStore.MAX_BATCH));
            Call head = new Call(64).key(index).arg(0).arg(look - 1L);
            return store.redis()
                    .command("ZRANGE", head)
                    .thenCompose(first ->
                            over > 0 ? CompletableFuture.completedFuture(texts(first)) : heavy(texts(first), overBytes))
                    .thenCompose(serials -> forget(index, state, serials));
        });
    }

    /** The first of these that together weigh so much. */
    private CompletionStage<List<String>> heavy(List<String> serials, long bytes) {
        List<CompletableFuture<List<Object>>> sizes = new ArrayList<>();
        for (String serial : serials) {
            String block = JobId.blockOf(serial);
            for (byte[] key : List.of(store.keys().records(block), store.keys().finishes(block))) {
                sizes.add(store.redis()
                        .command("HSTRLEN", new Call(64).key(key).arg(serial))
                        .toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(sizes.toArray(CompletableFuture[]::new)).thenApply(unused -> {
            long left = bytes;
            int count = 0;
            for (; count < serials.size() && left > 0; count++) {
                left -= (Long) sizes.get(2 * count).join().get(0)
                        + (Long) sizes.get(2 * count + 1).join().get(0);
            }
            return serials.subList(0, count);
        });
    }

    private CompletionStage<Integer> drop(List<Run> runs, int most) {
        Slice slice = new Slice(store.keys().completed);
        long bytes = 0;
        for (Run run : runs) {
            bytes += run.bytes;
            // Only a job that stands alone in its run can have gathered extras.
            run.serials.forEach(serial -> slice.add(serial, run.serials.size() == 1));
        }
        Call call = slice.head();
        call.arg(JobState.COMPLETED.wire()).arg(bytes).arg(runs.size());
        runs.forEach(run -> call.arg(run.text));
        // Runs whose jobs were all deleted one by one go too; they are progress, but not the end of it.
        return slice.send(call)
                .thenCompose(
                        gone -> gone > 0 ? CompletableFuture.completedFuture(gone) : slice(JobState.COMPLETED, most));
    }

    private CompletionStage<Integer> sorted(JobState state, Keep keep, int most) {
        byte[] index = state == JobState.FAILED ? store.keys().failed : store.keys().cancelled;
        return overBudget(state, index, keep, most)
                .thenCompose(gone -> gone > 0
                        ? CompletableFuture.completedFuture(gone)
                        : head(state, index, keep, most)
                                .thenCompose(first -> walk(state, index, keep).thenApply(behind -> first + behind)));
    }

    /** The oldest go in full looks, one after the other. */
    private CompletionStage<Integer> head(JobState state, byte[] index, Keep keep, int most) {
        return expired(state, index, keep, 0)
                .thenCompose(gone -> gone < LOOK || most <= gone
                        ? CompletableFuture.completedFuture(gone)
                        : head(state, index, keep, most - gone).thenApply(more -> gone + more));
    }

    /** Looks on where the last round stopped: behind jobs that are kept longer than others, and for those kept shorter. */
    private CompletionStage<Integer> walk(JobState state, byte[] index, Keep keep) {
        int from = walked.getOrDefault(state, 0) + LOOK;
        return store.redis().command("ZCARD", new Call(64).key(index)).thenCompose(size -> {
            if (from >= (Long) size.get(0)) {
                walked.put(state, 0); // the next round begins behind the head, which each round looks at
                return CompletableFuture.completedFuture(0);
            }
            return expired(state, index, keep, from).thenApply(gone -> {
                walked.put(state, from - gone);
                return gone;
            });
        });
    }

    /** Forgets those of {@value #LOOK} jobs of a set whose time is over. */
    private CompletionStage<Integer> expired(JobState state, byte[] index, Keep keep, int from) {
        Call part = new Call(64).key(index).arg(from).arg(from + LOOK - 1L);
        return store.redis().command("ZRANGE", part).thenCompose(reply -> {
            List<String> serials = texts(reply);
            List<CompletableFuture<List<Object>>> finishes = serials.stream()
                    .map(serial -> store.redis()
                            .command(
                                    "HGET",
                                    new Call(64)
                                            .key(store.keys().finishes(JobId.blockOf(serial)))
                                            .arg(serial))
                            .toCompletableFuture())
                    .toList();
            return CompletableFuture.allOf(finishes.toArray(CompletableFuture[]::new))
                    .thenCompose(unused -> {
                        List<String> over = new ArrayList<>();
                        for (int i = 0; i < serials.size(); i++) {
                            if (over(finishes.get(i).join().get(0), keep)) {
                                over.add(serials.get(i));
                            }
                        }
                        return forget(index, state, over);
                    });
        });
    }

    private boolean over(@org.jspecify.annotations.Nullable Object finish, Keep keep) {
        if (finish == null) {
            return true;
        }
        FinishRecord ended = FinishRecord.decode((byte[]) finish);
        long until = ended.keepUntilMillis() > 0
                ? ended.keepUntilMillis()
                : ended.finishedMillis() + keep.age().toMillis();
        return until <= store.clock().millis();
    }

    /** The keys and groups of one call of prune.lua. */
    private final class Slice {
        private final byte[] index;
        private final Map<String, List<String>> blocks = new LinkedHashMap<>();
        private final List<String> extras = new ArrayList<>();

        Slice(byte[] index) {
            this.index = index;
        }

        void add(String serial, boolean hasExtras) {
            blocks.computeIfAbsent(JobId.blockOf(serial), block -> new ArrayList<>())
                    .add(serial);
            if (hasExtras) {
                extras.add(serial);
            }
        }

        Call head() {
            Call call = new Call(512 + blocks.size() * 96)
                    .key(store.keys().counters)
                    .key(index);
            blocks.keySet()
                    .forEach(block -> call.key(store.keys().records(block))
                            .key(store.keys().finishes(block)));
            extras.forEach(serial -> call.key(store.keys().extras(serial)));
            return call;
        }

        CompletionStage<Integer> send(Call call) {
            int at = 3;
            for (List<String> serials : blocks.values()) {
                call.arg(at).arg(at + 1L).arg(serials.size());
                serials.forEach(call::arg);
                at += 2;
            }
            call.arg("");
            for (int i = 0; i < extras.size(); i++) {
                call.arg(at + (long) i);
            }
            return store.redis().eval(Scripts.PRUNE, call).thenApply(reply -> ((Long) reply.get(0)).intValue());
        }
    }
}
