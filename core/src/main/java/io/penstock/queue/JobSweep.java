package io.penstock.queue;

import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Looks through many jobs of a queue, and does to many what an operator wants.
 *
 * <p>A job is read by its header alone, so a page of {@value #MOST} is one or two round trips of some hundred microseconds, whatever
 * the payloads; a script looks at 4 MiB and answers 256 KiB at most. Threads: safe. Nothing here waits.
 */
public final class JobSweep {
    /** Jobs of a page at most. */
    public static final int MOST = 500;

    /** Records that one script reads: a few milliseconds of Redis where payloads are large. */
    private static final int LOOK_BYTES = 4 << 20;

    private static final int REPLY_BYTES = 256 << 10;

    private static final byte[] NONE = {};

    private final QueueStore store;
    private final JobReader reader;
    private final JobLister lister;
    private final JobMover mover;

    /** What may be done to many. */
    public enum Action {
        /** Starts a failed or cancelled job anew. */
        RETRY,
        /** As RETRY; of a completed job the caller makes a copy. */
        REQUEUE,
        /** Ends one that has not ended, or asks its worker to. */
        CANCEL,
        /** Makes a delayed one ready. */
        PROMOTE,
        /** Deletes one that is not running. */
        DELETE
    }

    /**
     * A job by its header.
     *
     * @param job without payload, result, progress and worker; in the state whose page it is on
     * @param flow where it belongs; null = to no flow and no batch
     */
    public record Head(Job job, @Nullable FlowPlace flow) {}

    /**
     * A part of the jobs in one state.
     *
     * @param looked places of the state's index that were looked at; more than the jobs where some have just moved on
     * @param next where the next page begins, null at the end
     */
    public record Page(
            List<Head> heads, int looked, @Nullable String next) {}

    /** Goes through the queue behind this store. */
    public JobSweep(QueueStore store) {
        this.store = store;
        this.reader = new JobReader(store);
        this.lister = new JobLister(store, reader);
        this.mover = new JobMover(store, reader);
    }

    /**
     * Reads a page of one state, in the order of {@link Queue#list}.
     *
     * @param limit 1 to {@value #MOST}, clamped
     * @throws IllegalArgumentException if the cursor is none
     */
    public CompletionStage<Page> page(JobState state, @Nullable String cursor, int limit) {
        return lister.slice(state, cursor, Math.max(1, Math.min(MOST, limit)))
                .thenCompose(slice -> heads(state, slice.serials(), 0, new ArrayList<>())
                        .thenApply(heads -> new Page(heads, slice.serials().size(), slice.next())));
    }

    /**
     * Returns where the page behind this one begins when so many of its jobs have left the state meanwhile: jobs that ended in the
     * same millisecond stand by their number, and those that are gone do not count. It may show some again, and misses none.
     */
    public static @Nullable String behind(JobState state, Page page, int gone) {
        String next = page.next;
        boolean counted = state == JobState.FAILED || state == JobState.CANCELLED;
        if (next == null || gone == 0 || !(counted || next.startsWith("y"))) {
            return next;
        }
        int colon = next.lastIndexOf(':');
        return colon < 0
                ? next
                : next.substring(0, colon + 1) + Math.max(0, Long.parseLong(next.substring(colon + 1)) - gone);
    }

    /** Reads these jobs by their headers; of one that has not ended the state is said to be WAITING. Those that are not there are left out. */
    public CompletionStage<List<Head>> heads(List<JobId> ids) {
        return heads(null, ids.stream().map(JobId::serial).toList(), 0, new ArrayList<>());
    }

    /** Reads these jobs in full. */
    public CompletionStage<List<Job>> whole(List<JobId> ids) {
        return reader.all(ids.stream().map(JobId::serial).toList());
    }

    /** Finds the pending jobs that hold a unique key. */
    public CompletionStage<List<JobId>> holders(String key) {
        QueueKeys keys = store.keys();
        byte[] shard = keys.uniqueShard(Math.floorMod(key.hashCode(), QueueKeys.uniqueShards()));
        CompletionStage<List<Object>> field =
                store.redis().command("HGET", new Call(96).key(shard).arg(key));
        CompletionStage<List<Object>> throttle =
                store.redis().command("GET", new Call(96).key(Redis.utf8(keys.prefix() + "t:" + key)));
        return field.thenCombine(throttle, (one, other) -> {
            List<JobId> found = new ArrayList<>();
            for (Object serial : new Object[] {one.get(0), other.get(0)}) {
                if (serial != null) {
                    found.add(new JobId(store.queue(), Redis.text(serial)));
                }
            }
            return found;
        });
    }

    /** Reads how many jobs are in each state. One command. */
    public CompletionStage<QueueCounts> counts() {
        Call call = new Call(160).key(store.keys().counters);
        for (JobState state : JobState.values()) {
            call.arg(state.wire());
        }
        return store.redis().command("HMGET", call).thenApply(reply -> {
            long[] n = reply.stream()
                    .mapToLong(count -> count == null ? 0 : Long.parseLong(Redis.text(count)))
                    .toArray();
            return new QueueCounts(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
        });
    }

    /** Does it to one job. Two round trips, shared with whatever else is on its way. */
    public CompletionStage<Change> act(JobId id, Action action) {
        return switch (action) {
            case RETRY, REQUEUE -> mover.retry(id.serial());
            case CANCEL -> mover.cancel(id.serial());
            case PROMOTE -> mover.promote(id.serial());
            case DELETE -> mover.remove(id.serial());
        };
    }

    private CompletionStage<List<Head>> heads(
            @Nullable JobState state, List<String> serials, int from, List<Head> found) {
        if (from == serials.size()) {
            return CompletableFuture.completedFuture(found);
        }
        return store.redis().eval(Scripts.GLANCE, call(serials, from)).thenCompose(reply -> {
            int read = reply.size() / 2;
            for (int i = 0; i < read; i++) {
                Head head =
                        head(state, serials.get(from + i), (byte[]) reply.get(2 * i), (byte[]) reply.get(2 * i + 1));
                if (head != null) {
                    found.add(head);
                }
            }
            return heads(state, serials, from + read, found);
        });
    }

    private Call call(List<String> serials, int from) {
        Map<String, Integer> blocks = new LinkedHashMap<>();
        Call call = new Call(128 + (serials.size() - from) * 40);
        for (String serial : serials.subList(from, serials.size())) {
            String block = JobId.blockOf(serial);
            if (blocks.putIfAbsent(block, blocks.size() + 1) == null) {
                call.key(store.keys().records(block)).key(store.keys().finishes(block));
            }
        }
        call.arg(LOOK_BYTES).arg(REPLY_BYTES);
        for (String serial : serials.subList(from, serials.size())) {
            call.arg(blocks.getOrDefault(JobId.blockOf(serial), 0)).arg(serial);
        }
        return call;
    }

    /** Null = it is not there, or has left the state since its index was read. */
    private @Nullable Head head(@Nullable JobState wanted, String serial, byte[] record, byte[] finish) {
        FinishRecord ended = finish.length == 0 ? null : FinishRecord.decode(finish);
        JobState state = ended != null ? ended.state() : wanted == null ? JobState.WAITING : wanted;
        if (record.length == 0 || (wanted != null && (state != wanted || (ended == null) == wanted.terminal()))) {
            return null;
        }
        StoredJob stored = StoredJob.of(record);
        Integer most = stored.options().maxAttempts();
        Job job = new Job(
                new JobId(store.queue(), serial),
                stored.type,
                state,
                NONE,
                stored.options(),
                stored.attempts,
                ended == null ? stored.attempts : ended.deliveries(),
                most == null ? 0 : most,
                Instant.ofEpochMilli(stored.createdMillis),
                state == JobState.DELAYED ? Instant.ofEpochMilli(stored.readyMillis) : null,
                ended == null || ended.startedMillis() == 0 ? null : Instant.ofEpochMilli(ended.startedMillis()),
                ended == null ? null : Instant.ofEpochMilli(ended.finishedMillis()),
                null,
                null,
                ended == null ? null : ended.error(),
                null,
                false,
                stored.encoding(),
                "");
        return new Head(job, FlowPlace.of(stored.flow()));
    }
}
