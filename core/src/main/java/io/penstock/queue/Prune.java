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
 * <p>Completed jobs stand in a list whose entries carry size and time, so that most of a slice is decided without reading
 * a record. Dead letters and cancelled jobs are few and stand in sorted sets by time. A job's own retention is looked up
 * only where it could matter: when its turn comes.
 */
final class Prune {
    private final QueueStore store;

    Prune(QueueStore store) {
        this.store = store;
    }

    CompletionStage<Integer> slice(int most) {
        return slice(JobState.COMPLETED, most)
                .thenCombine(slice(JobState.FAILED, most), Integer::sum)
                .thenCombine(slice(JobState.CANCELLED, most), Integer::sum);
    }

    /** One slice of one state; dead letters and cancelled jobs have a budget each, of the same size. */
    CompletionStage<Integer> slice(JobState state, int most) {
        Call call = new Call(128).key(store.keys().counters).arg(state.wire()).arg(state.wire() + "Bytes");
        return store.redis().command("HMGET", call).thenCompose(n -> {
            QueueSettings s = store.settings();
            return state == JobState.COMPLETED
                    ? completed(s.completed(), number(n.get(0)), number(n.get(1)), most)
                    : sorted(state, s.failed(), number(n.get(0)), number(n.get(1)), most);
        });
    }

    private static long number(@org.jspecify.annotations.Nullable Object field) {
        return field == null ? 0 : Long.parseLong(Redis.text(field));
    }

    /** One entry of the index of completed jobs. */
    private record Entry(String text, String serial, long bytes, long second) {
        static Entry of(String text) {
            String[] part = text.split(":", 3);
            return new Entry(text, part[0], Long.parseLong(part[1]), Long.parseLong(part[2]));
        }
    }

    private CompletionStage<Integer> completed(Keep keep, long count, long bytes, int most) {
        if (count == 0) {
            return CompletableFuture.completedFuture(0);
        }
        Call call = new Call(64).key(store.keys().completed).arg(0).arg(most - 1L);
        return store.redis().command("LRANGE", call).thenCompose(reply -> {
            long oldest = (store.clock().millis() - keep.age().toMillis()) / 1000;
            long countLeft = count;
            long bytesLeft = bytes;
            List<Entry> old = new ArrayList<>();
            for (Object text : reply) {
                Entry entry = Entry.of(Redis.text(text));
                if (entry.second >= oldest && countLeft <= keep.count() && bytesLeft <= keep.bytes()) {
                    break;
                }
                countLeft--;
                bytesLeft -= entry.bytes;
                old.add(entry);
            }
            return old.isEmpty() ? CompletableFuture.completedFuture(0) : drop(old);
        });
    }

    private CompletionStage<Integer> drop(List<Entry> entries) {
        Slice slice = new Slice(store.keys().completed);
        entries.forEach(entry -> slice.add(entry.serial, false));
        long bytes = entries.stream().mapToLong(Entry::bytes).sum();
        Call call = slice.head();
        call.arg(JobState.COMPLETED.wire()).arg(bytes).arg(entries.size());
        entries.forEach(entry -> call.arg(entry.text));
        return slice.send(call);
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
