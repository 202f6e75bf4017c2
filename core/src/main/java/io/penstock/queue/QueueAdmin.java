package io.penstock.queue;

import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What operators do to a whole queue; long work goes in slices so that Redis never stalls. */
final class QueueAdmin {
    /** An incarnation outlives its lease by a day, as extend.lua has it. */
    private static final long INCARNATION_MILLIS = 86_400_000;

    private static final int SLICE = 200;

    /** Ids remembered so that a job that can not be retried is tried once. */
    private static final int MOST_REMEMBERED = 100_000;

    private final QueueStore store;
    private final JobLister lister;
    private final JobMover mover;

    QueueAdmin(QueueStore store, JobLister lister, JobMover mover) {
        this.store = store;
        this.lister = lister;
        this.mover = mover;
    }

    private List<Object> run(String command, Call call) {
        return store.redis().await(store.redis().command(command, call));
    }

    /** @param seen what the settings must still be, or null */
    boolean configure(@Nullable QueueSettings seen, QueueSettings settings) {
        Call call = new Call(768).key(store.keys().settings).arg(seen == null ? "" : "1");
        SettingsFields.write(call, seen == null ? settings : seen, settings);
        List<Object> done = store.redis().await(store.redis().eval(Scripts.CONFIGURE, call));
        boolean changed = Redis.text(done.get(0)).equals("changed");
        if (changed && settings.equals(store.redis().await(store.refresh()))) {
            return true; // by this call, whose first answer was lost
        }
        if (!changed) {
            store.settings().are(settings);
        }
        return !changed;
    }

    void flag(String name, boolean on) {
        Call call = new Call(96).key(store.keys().settings).arg(name);
        run(on ? "HSET" : "HDEL", on ? call.arg(1) : call);
    }

    void resume() {
        run("HDEL", new Call(96).key(store.keys().settings).arg("paused").arg("draining"));
        run("PUBLISH", new Call(96).arg(store.keys().wakeChannel).arg(""));
    }

    private CompletableFuture<List<Object>> ask(String command, Call call) {
        return store.redis().command(command, call).toCompletableFuture();
    }

    /** The lines are asked only where somebody waits: a quiet queue costs two commands. */
    CompletionStage<QueueStats> stats() {
        QueueKeys keys = store.keys();
        var flags = ask("HMGET", new Call(96).key(keys.settings).arg("paused").arg("draining"));
        var counters = ask("HGETALL", new Call(64).key(keys.counters)).thenApply(SettingsFields::map);
        return flags.thenCombine(counters, (f, n) -> f).thenCompose(f -> {
            Map<String, String> n = counters.join();
            return oldest(count(n, "waiting")).thenApply(oldest -> stats(f, n, oldest));
        });
    }

    private CompletableFuture<Long> oldest(long waiting) {
        CompletableFuture<Long> oldest = CompletableFuture.completedFuture(0L);
        if (waiting > 0) {
            for (byte[] line : store.keys().lines) {
                CompletableFuture<Long> age =
                        ask("LINDEX", new Call(64).key(line).arg(0)).thenCompose(head -> age(head.get(0)));
                oldest = oldest.thenCombine(age, Math::max);
            }
        }
        return oldest;
    }

    private QueueStats stats(List<Object> flags, Map<String, String> n, long oldest) {
        QueueCounts counts = new QueueCounts(
                count(n, "waiting"),
                count(n, "delayed"),
                count(n, "active"),
                count(n, "blocked"),
                count(n, "completed"),
                count(n, "failed"),
                count(n, "cancelled"));
        return new QueueStats(
                store.queue(),
                flags.get(0) != null,
                flags.get(1) != null,
                counts,
                count(n, "bytes"),
                count(n, "completedBytes") + count(n, "failedBytes") + count(n, "cancelledBytes"),
                oldest,
                count(n, "addedTotal"),
                count(n, "completedTotal"),
                count(n, "failedTotal"),
                count(n, "cancelledTotal"),
                count(n, "retriedTotal"),
                count(n, "runMillisTotal"));
    }

    private static long count(Map<String, String> fields, String name) {
        return Math.max(0, Long.parseLong(fields.getOrDefault(name, "0")));
    }

    /** @param head of a line, null if it is empty */
    private CompletableFuture<Long> age(@Nullable Object head) {
        if (head == null) {
            return CompletableFuture.completedFuture(0L);
        }
        String serial = Redis.text(head);
        byte[] records = store.keys().records(JobId.blockOf(serial));
        return ask("HGET", new Call(96).key(records).arg(serial)).thenApply(record -> {
            byte[] found = (byte[]) record.get(0);
            return found == null ? 0 : Math.max(0, store.clock().millis() - StoredJob.readTime(found, 1));
        });
    }

    long purge(JobState state) {
        return switch (state) {
            case WAITING -> purgeLines();
            case DELAYED -> purgeSlices("delayed", store.keys().delayed, 0);
            case COMPLETED, FAILED, CANCELLED -> purgeFinished(state);
            case ACTIVE, BLOCKED ->
                throw new IllegalArgumentException("jobs in state " + state.wire()
                        + " can not be purged; nothing was dropped; cancel them instead");
        };
    }

    private long purgeLines() {
        long dropped = 0;
        for (int line = 0; line < 4; line++) {
            dropped += purgeSlices("line", store.keys().lines[line], line);
        }
        return dropped + purgeGate();
    }

    /** Jobs of groups and keys go back to the inbox of the gate, and from there. */
    private long purgeGate() {
        long dropped = purgeSlices("inbox", store.keys().inbox, 0);
        Call gather = new Call(96).key(store.keys().settings).arg(SLICE * 5L);
        while ((Long) store.redis()
                        .await(store.redis().eval(Scripts.GATHER, gather))
                        .get(0)
                > 0) {
            dropped += purgeSlices("inbox", store.keys().inbox, 0);
        }
        return dropped;
    }

    private long purgeSlices(String kind, byte[] place, int line) {
        long dropped = 0;
        while (true) {
            List<String> places = !kind.equals("delayed")
                    ? run("LRANGE", new Call(64).key(place).arg(0).arg(SLICE - 1L)).stream()
                            .map(Redis::text)
                            .toList()
                    : store.redis().await(Delayed.page(store, "", SLICE)).stream()
                            .map(Delayed::text)
                            .toList();
            if (places.isEmpty()) {
                return dropped;
            }
            dropped += purgeSlice(kind, place, line, places);
        }
    }

    private long purgeSlice(String kind, byte[] place, int line, List<String> places) {
        QueueKeys keys = store.keys();
        List<String> serials = places.stream().map(text -> serial(kind, text)).toList();
        List<CompletableFuture<List<Object>>> records = serials.stream()
                .map(serial -> store.redis()
                        .command(
                                "HGET",
                                new Call(96)
                                        .key(keys.records(JobId.blockOf(serial)))
                                        .arg(serial))
                        .toCompletableFuture())
                .toList();
        Call call = new Call(256 + serials.size() * 96)
                .key(keys.counters)
                .key(place)
                .key(keys.ghosts)
                .key(keys.crashes)
                .key(keys.flowEnds);
        Map<String, Integer> index = new LinkedHashMap<>();
        List<Unique> uniques = new ArrayList<>();
        List<String> flows = new ArrayList<>();
        for (int i = 0; i < serials.size(); i++) {
            Object record = store.redis().await(records.get(i)).get(0);
            StoredJob stored = record == null ? null : StoredJob.of((byte[]) record);
            Unique unique = stored == null ? null : stored.options().unique();
            uniques.add(unique);
            flows.add(stored == null ? "" : stored.flow());
            declare(call, index, "j" + JobId.blockOf(serials.get(i)), keys.records(JobId.blockOf(serials.get(i))));
            declare(call, index, "s" + serials.get(i), keys.extras(serials.get(i)));
            if (unique != null) {
                declare(call, index, "u" + unique.mode() + unique.key(), keys.unique(unique));
            }
        }
        call.arg(kind).arg(line).arg(serials.size());
        for (int i = 0; i < serials.size(); i++) {
            Unique unique = uniques.get(i);
            call.arg(places.get(i))
                    .arg(at(index, "j" + JobId.blockOf(serials.get(i))))
                    .arg(at(index, "s" + serials.get(i)));
            call.arg(unique == null ? 0 : at(index, "u" + unique.mode() + unique.key()));
            call.arg(unique == null || unique.mode() == Unique.Mode.THROTTLE ? "" : unique.key());
            call.arg(flows.get(i));
        }
        return (Long)
                store.redis().await(store.redis().eval(Scripts.PURGE, call)).get(0);
    }

    private static String serial(String kind, String place) {
        return switch (kind) {
            case "line" -> place;
            case "inbox" -> GateSurvey.serial(place.substring(1));
            default -> new Delayed(place).serial();
        };
    }

    private static int at(Map<String, Integer> index, String name) {
        return Objects.requireNonNull(index.get(name), name);
    }

    private static void declare(Call call, Map<String, Integer> index, String name, byte[] key) {
        if (!index.containsKey(name)) {
            call.key(key);
            index.put(name, index.size() + 6);
        }
    }

    private long purgeFinished(JobState state) {
        QueueSettings before = store.settings().now();
        QueueSettings.Keep nothing = new QueueSettings.Keep(java.time.Duration.ZERO, 0, 0);
        boolean success = state == JobState.COMPLETED;
        QueueSettings keepNothing = new QueueSettings(
                before.maxJobs(),
                before.maxBytes(),
                before.maxPayloadBytes(),
                success ? nothing : before.completed(),
                success ? before.failed() : nothing,
                before.aging());
        Prune emptying = new Prune(store, () -> keepNothing);
        // A slice may drop nothing and still move on: runs whose jobs were deleted one by one, or an answer that was
        // lost.
        long dropped = 0;
        long left = entries(state);
        for (boolean moves = left > 0; moves; ) {
            int slice = store.redis().await(emptying.slice(state, QueueStore.MAX_BATCH));
            dropped += slice;
            long had = left;
            left = entries(state);
            moves = left > 0 && (slice > 0 || left < had);
        }
        return dropped;
    }

    private long entries(JobState state) {
        QueueKeys keys = store.keys();
        return switch (state) {
            case FAILED -> count("ZCARD", keys.failed);
            case CANCELLED -> count("ZCARD", keys.cancelled);
            default -> count("LLEN", keys.completed) + count("ZCARD", keys.retained);
        };
    }

    private long count(String command, byte[] key) {
        return (Long) run(command, new Call(64).key(key)).get(0);
    }

    long retryAll(@Nullable String type, @Nullable String errorType) {
        long retried = 0;
        String cursor = null;
        Set<JobId> seen = new HashSet<>();
        do {
            JobPage page = store.redis().await(lister.list(JobState.FAILED, cursor, SLICE));
            List<CompletableFuture<Change>> changes = new ArrayList<>();
            for (Job job : page.jobs()) {
                JobError error = job.error();
                boolean wanted = (type == null || type.equals(job.type()))
                        && (errorType == null || error != null && errorType.equals(error.type()));
                if (wanted && seen.add(job.id())) {
                    changes.add(mover.retry(job.id().serial()).toCompletableFuture());
                }
            }
            for (CompletableFuture<Change> change : changes) {
                retried += store.redis().await(change).ok() ? 1 : 0;
            }
            String next = page.next();
            // What was retried has left the set, and the places of its score have moved up: look at that score again.
            cursor = next == null || changes.isEmpty() ? next : next.substring(0, next.indexOf(':')) + ":0";
            if (seen.size() > MOST_REMEMBERED) {
                seen.clear();
            }
        } while (cursor != null);
        return retried;
    }

    /** Two commands a worker, sent together once the leases are known. */
    CompletionStage<List<WorkerView>> workers() {
        Call leased = new Call(96).key(store.keys().leases).arg(0).arg(999).arg("WITHSCORES");
        return ask("ZRANGE", leased).thenCompose(leases -> {
            List<CompletableFuture<WorkerView>> all = new ArrayList<>();
            for (int i = 0; i + 1 < leases.size(); i += 2) {
                String token = Redis.text(leases.get(i));
                String number = token.substring(0, token.indexOf('.'));
                all.add(worker(number, (long) Double.parseDouble(Redis.text(leases.get(i + 1)))));
            }
            return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .thenApply(
                            unused -> all.stream().map(CompletableFuture::join).toList());
        });
    }

    private CompletableFuture<WorkerView> worker(String number, long leasedUntilMillis) {
        QueueKeys keys = store.keys();
        Call fields = new Call(96)
                .key(keys.incarnation(number))
                .arg("report")
                .arg("seen")
                .arg("stop");
        return ask("HMGET", fields)
                .thenCombine(
                        ask("SISMEMBER", new Call(96).key(keys.quiet).arg(number)),
                        (known, quiet) -> new WorkerView(
                                store.queue(),
                                number,
                                Instant.ofEpochMilli(leasedUntilMillis),
                                known.get(1) == null
                                        ? null
                                        : Instant.ofEpochMilli(Long.parseLong(Redis.text(known.get(1)))),
                                known.get(0) == null ? "" : Redis.text(known.get(0)),
                                (Long) quiet.get(0) == 1,
                                known.get(2) != null));
    }

    void quiet(String worker, boolean on) {
        run(on ? "SADD" : "SREM", new Call(96).key(store.keys().quiet).arg(worker));
        if (!on) {
            run("HDEL", new Call(96).key(store.keys().incarnation(worker)).arg("stop"));
        }
    }

    void stop(String worker) {
        byte[] incarnation = store.keys().incarnation(worker);
        run("HSET", new Call(96).key(incarnation).arg("stop").arg(1));
        // one that left in the meantime leaves nothing behind for good
        run("PEXPIRE", new Call(96).key(incarnation).arg(INCARNATION_MILLIS));
        quiet(worker, true);
    }

    void delete(boolean force) {
        int workers = store.redis().await(workers()).size();
        if (!force && workers > 0) {
            throw new IllegalStateException("queue \"" + store.queue() + "\": not deleted, " + workers
                    + " workers hold leases of it; stop them, or delete it by force");
        }
        run("SREM", new Call(64).key(QueueKeys.QUEUES).arg(store.queue()));
        // Leases first: from here on no worker can take or finish anything.
        run("UNLINK", new Call(64).key(store.keys().leases));
        new KeyScan(store).forEach(key -> run("UNLINK", new Call(96).key(key)));
        // Once more: whoever looked for lost names meanwhile has still met its counters.
        run("SREM", new Call(64).key(QueueKeys.QUEUES).arg(store.queue()));
    }
}
