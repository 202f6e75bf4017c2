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

/**
 * Forgets finished jobs beyond their budgets in age, count and bytes, oldest first, a slice at a time.
 *
 * <p>Completed jobs stand in a list of runs that carry size and time, so that a slice is decided without reading a
 * record; a run goes as a whole. Dead letters and cancelled jobs are few and stand in sorted sets by time. A job's own retention is looked up
 * only where it could matter: when its turn comes.
 */
final class Prune {
    /** Index entries looked at in one slice. */
    private static final int RUNS = 200;

    private final QueueStore store;

    Prune(QueueStore store) {
        this.store = store;
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
        CompletionStage<List<Object>> counted = store.redis().command("HMGET", call);
        QueueSettings s = store.settings();
        if (state != JobState.COMPLETED) {
            return counted.thenCompose(n -> sorted(state, s.failed(), number(n.get(0)), number(n.get(1)), most));
        }
        Call head = new Call(64).key(keys.completed).arg(0).arg(RUNS - 1);
        return counted.thenCombine(
                        store.redis().command("LRANGE", head),
                        (n, runs) -> over(s.completed(), number(n.get(0)), number(n.get(1)), most, runs))
                .thenCompose(old -> old.isEmpty() ? retained(s.completed()) : drop(old, most));
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

    /** Completed jobs with a retention of their own: dropped when it ends, or when nothing at all is to be kept. */
    private CompletionStage<Integer> retained(Keep keep) {
        byte[] index = store.keys().retained;
        String until = keep.none() ? "+inf" : Long.toString(store.clock().millis());
        Call call = new Call(96)
                .key(index)
                .arg("-inf")
                .arg(until)
                .arg("LIMIT")
                .arg(0)
                .arg(RUNS);
        return store.redis().command("ZRANGEBYSCORE", call).thenCompose(reply -> {
            if (reply.isEmpty()) {
                return CompletableFuture.completedFuture(0);
            }
            Slice slice = new Slice(index);
            reply.forEach(serial -> slice.add(Redis.text(serial), true));
            return slice.send(slice.head().arg(JobState.COMPLETED.wire()).arg(0).arg(0));
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

    private CompletionStage<Integer> sorted(JobState state, Keep keep, long count, long bytes, int most) {
        if (count == 0) {
            return CompletableFuture.completedFuture(0);
        }
        byte[] index = state == JobState.FAILED ? store.keys().failed : store.keys().cancelled;
        int look = Math.min(most, 100);
        Call call = new Call(64).key(index).arg(0).arg(look - 1L).arg("WITHSCORES");
        return store.redis().command("ZRANGE", call).thenCompose(reply -> {
            long now = store.clock().millis();
            List<String> serials = new ArrayList<>();
            List<CompletableFuture<List<Object>>> finishes = new ArrayList<>();
            boolean tight = count > keep.count() || bytes > keep.bytes();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                serials.add(Redis.text(reply.get(i)));
            }
            if (!tight
                    && !reply.isEmpty()
                    && Double.parseDouble(Redis.text(reply.get(1)))
                            > now - keep.age().toMillis()) {
                // The oldest is young enough; own retentions shorter than the queue's are looked at all the same.
                serials = serials.subList(0, Math.min(10, serials.size()));
            }
            for (String serial : serials) {
                finishes.add(store.redis()
                        .command(
                                "HGET",
                                new Call(64)
                                        .key(store.keys().finishes(JobId.blockOf(serial)))
                                        .arg(serial))
                        .toCompletableFuture());
            }
            List<String> candidates = serials;
            return CompletableFuture.allOf(finishes.toArray(CompletableFuture[]::new))
                    .thenCompose(unused -> {
                        Slice slice = new Slice(index);
                        long over = Math.max(count - keep.count(), 0);
                        long overBytes = bytes - keep.bytes();
                        for (int i = 0; i < candidates.size(); i++) {
                            byte[] finish = (byte[]) finishes.get(i).join().get(0);
                            FinishRecord ended = finish == null ? null : FinishRecord.decode(finish);
                            boolean old = ended == null
                                    || ended.finishedMillis()
                                            <= now - keep.age().toMillis()
                                    || ended.keepUntilMillis() > 0 && ended.keepUntilMillis() <= now;
                            if (old || over > 0 || overBytes > 0) {
                                slice.add(candidates.get(i), ended != null && ended.extras());
                                over--;
                                overBytes -= finish == null ? 0 : finish.length + 256;
                            }
                        }
                        if (slice.isEmpty()) {
                            return CompletableFuture.completedFuture(0);
                        }
                        Call drop = slice.head();
                        drop.arg(state.wire()).arg(0).arg(0);
                        return slice.send(drop);
                    });
        });
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

        boolean isEmpty() {
            return blocks.isEmpty();
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
