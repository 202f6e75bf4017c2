package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Looks for records and index entries that lost each other, as they do when somebody deletes keys by hand or a server
 * evicts them, and puts them right.
 *
 * <p>It looks first, without stopping anybody, and then has scripts mend what seemed wrong; each script looks again, so
 * a queue may be in full use meanwhile. Where it matters what was read first, the order is noted. Bound: a call looks at
 * about as many index entries and jobs as its budget says, and goes on with the records where the last call stopped; an
 * index that is longer than the budget is left alone. One call at a time.
 */
final class Fsck {
    /** Jobs and bytes of records in one call of heal.lua, which reads them whole. */
    private static final int BATCH = 100;

    private static final long BATCH_BYTES = 1 << 20;

    /** A mark that has not changed for so long cannot be needed for a call that is sent again. */
    private static final long MARK_AGE_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** The field that keeps a hash a table; see add.lua. */
    private static final String PAD = "-".repeat(65);

    private static final List<String> STAMP = List.of(
            "waiting",
            "delayed",
            "active",
            "completed",
            "failed",
            "cancelled",
            "bytes",
            "completedBytes",
            "failedBytes",
            "cancelledBytes",
            "addedTotal",
            "completedTotal",
            "failedTotal",
            "cancelledTotal",
            "retriedTotal");

    private final QueueStore store;
    private final Redis redis;
    private final QueueKeys keys;
    private final Survey.Position position = new Survey.Position();
    private final Survey.Position lookPosition = new Survey.Position(); // of calls that mend nothing
    private Map<String, String> marks = Map.of();
    private long marksNanos;

    Fsck(QueueStore store) {
        this.store = store;
        this.redis = store.redis();
        this.keys = store.keys();
    }

    /** @param repair whether what is wrong is mended; else it is only told */
    synchronized FsckReport run(int budget, boolean repair) {
        return new Pass(Math.max(BATCH, Math.min(budget, 1_000_000)), repair).run();
    }

    /** The counters that change whenever anything does. */
    static String stamp(QueueStore of) {
        Call call = new Call(256).key(of.keys().counters);
        STAMP.forEach(call::arg);
        return String.join(
                " ",
                of.redis().await(of.redis().command("HMGET", call)).stream()
                        .map(n -> n == null ? "" : Redis.text(n))
                        .toList());
    }

    /** What one call has seen so far. */
    private final class Pass {
        private final Survey seen;
        private final Map<String, String> wanted = new HashMap<>(); // serial to unique key
        private final long[] sums = new long[12];
        private long mendedKeys;
        private long looked;
        private final String stamp = stamp(store); // before anything is counted

        private final String look; // "1" if nothing is to be written

        Pass(int budget, boolean repair) {
            look = repair ? "" : "1";
            seen = new Survey(store, repair ? position : lookPosition, budget);
        }

        FsckReport run() {
            // first: a blocked job that lost its place is blocked again, before it is put in its line
            long flows = new FlowFsck(store, seen.budget(), look, seen.unchecked).run(seen.flows);
            seen.jobs.forEach(this::heal);
            uniqueKeys();
            seen.quiet.removeAll(seen.workers);
            seen.numbers.removeAll(seen.workers);
            if (look.isEmpty()) {
                seen.quiet.forEach(number -> sums[3] +=
                        seen.count("SREM", new Call(64).key(keys.quiet).arg(number)));
                seen.numbers.forEach(
                        number -> sums[3] += seen.count("DEL", new Call(64).key(keys.incarnation(number))));
                marks();
            } else {
                sums[3] += seen.quiet.size() + seen.numbers.size();
            }
            sums[3] += seen.gate.mend(look);
            List<Object> audited = audit();
            if (seen.complete() && (Long) audited.get(1) == 0) {
                seen.unchecked.add("bytes: the queue was in use while they were counted; try again when it is quiet");
            }
            return new FsckReport(
                    looked,
                    sums[0],
                    sums[1],
                    sums[2],
                    (Long) audited.get(2),
                    mendedKeys,
                    sums[3],
                    sums[4],
                    (Long) audited.get(0),
                    flows,
                    List.copyOf(seen.unchecked));
        }

        private void heal(String block, Set<String> serials) {
            List<String> all = List.copyOf(serials);
            List<CompletionStage<List<Object>>> sizes = all.stream()
                    .map(serial -> redis.command(
                            "HSTRLEN", new Call(64).key(keys.records(block)).arg(serial)))
                    .toList();
            List<String> batch = new ArrayList<>();
            long bytes = 0;
            for (int i = 0; i < all.size(); i++) {
                long size = (Long) redis.await(sizes.get(i)).get(0);
                if (!batch.isEmpty() && (batch.size() == BATCH || bytes + size > BATCH_BYTES)) {
                    send(block, batch);
                    batch.clear();
                    bytes = 0;
                }
                batch.add(all.get(i));
                bytes += size;
            }
            send(block, batch);
            looked += all.size();
        }

        private void send(String block, List<String> batch) {
            Call call = new Call(1024 + batch.size() * 128);
            call.key(keys.active).key(keys.delayed);
            for (byte[] line : keys.lines) {
                call.key(line);
            }
            call.key(keys.ghosts).key(keys.failed).key(keys.cancelled).key(keys.retained);
            call.key(keys.completed).key(keys.crashes).key(keys.requests).key(keys.counters);
            call.key(keys.records(block)).key(keys.finishes(block)).key(keys.blocked);
            batch.forEach(serial -> call.key(keys.extras(serial)));
            long now = store.clock().millis();
            call.arg(now).arg(seen.linesKnown() ? 2L * Survey.MOST_WALKED : 0);
            call.arg(
                    new FinishRecord(JobState.FAILED, now, 0, "-", 0, true, 0, JobReader.unreadable(0), null).encode());
            call.arg(look).arg(seen.complete() && seen.linesKnown() ? "1" : "");
            for (String serial : batch) {
                StringBuilder lines = new StringBuilder(Survey.LINES);
                IntStream.of(seen.places.getOrDefault(serial, new int[Survey.LINES]))
                        .forEach(n -> lines.append(Math.min(n, 9)));
                call.arg(serial).arg(lines.toString()).arg(seen.inRuns.contains(serial) ? "1" : "");
                call.arg(seen.runsKnown() && seen.ended.contains(serial) ? "1" : "")
                        .arg(seen.rebuilt.getOrDefault(serial, ""))
                        .arg(seen.dues.getOrDefault(serial, ""));
            }
            List<Object> reply = redis.await(redis.eval(Scripts.HEAL, call));
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (Long) reply.get(i);
            }
            for (int i = sums.length; i + 1 < reply.size(); i += 2) {
                wanted(Redis.text(reply.get(i)), Redis.text(reply.get(i + 1)));
            }
        }

        private void wanted(String serial, String header) {
            Unique unique = StoredJob.of((header + "\n").getBytes(StandardCharsets.UTF_8))
                    .options()
                    .unique();
            if (unique != null && unique.mode() != Unique.Mode.THROTTLE) {
                wanted.put(serial, unique.key());
            }
        }

        private void uniqueKeys() {
            Map<String, String> held = new HashMap<>();
            List<byte[]> shards = IntStream.range(0, QueueKeys.uniqueShards())
                    .mapToObj(keys::uniqueShard)
                    .toList();
            List<CompletionStage<List<Object>>> sizes = shards.stream()
                    .map(shard -> redis.command("HLEN", new Call(64).key(shard)))
                    .toList();
            for (int i = 0; i < shards.size(); i++) {
                long fields = (Long) redis.await(sizes.get(i)).get(0);
                if (fields > 0 && seen.fits("unique keys", "HLEN", shards.get(i))) {
                    if (look.isEmpty()) {
                        seen.count(
                                "HSETNX",
                                new Call(192).key(shards.get(i)).arg("").arg(PAD));
                    }
                    held.putAll(seen.scan("HSCAN", shards.get(i)));
                }
            }
            held.forEach((key, serial) -> {
                if (!key.equals(wanted.get(serial)) && serial.length() > 2) {
                    rekey(key, serial, "");
                }
            });
            wanted.forEach((serial, key) -> {
                if (!held.containsKey(key)) {
                    rekey(key, serial, "1");
                }
            });
        }

        private void rekey(String key, String serial, String wants) {
            String block = JobId.blockOf(serial);
            Call call = new Call(256).key(keys.unique(Unique.whilePending(key)));
            call.key(keys.records(block))
                    .key(keys.finishes(block))
                    .arg(key)
                    .arg(serial)
                    .arg(wants)
                    .arg(look);
            String done =
                    Redis.text(redis.await(redis.eval(Scripts.REKEY, call)).get(0));
            mendedKeys += done.equals("right") ? 0 : 1;
        }

        private void marks() {
            long now = store.clock().nanos();
            if (!marks.isEmpty() && now - marksNanos < MARK_AGE_NANOS || !seen.fits("marks", "HLEN", keys.marks)) {
                return;
            }
            Map<String, String> fresh = seen.scan("HSCAN", keys.marks);
            fresh.forEach((block, mark) -> {
                if (mark.equals(marks.get(block))) {
                    sums[3] += seen.count("HDEL", new Call(64).key(keys.marks).arg(block));
                }
            });
            marks = fresh;
            marksNanos = now;
        }

        private List<Object> audit() {
            Call call = new Call(1024).key(keys.counters);
            for (byte[] line : keys.lines) {
                call.key(line);
            }
            call.key(keys.delayed)
                    .key(keys.active)
                    .key(keys.ghosts)
                    .key(keys.failed)
                    .key(keys.cancelled);
            call.key(keys.leases).key(keys.dead).key(keys.blocks).key(keys.blocked);
            call.arg(seen.jobs.keySet().stream().mapToLong(Fsck::number).max().orElse(0));
            Set<String> known = new HashSet<>(seen.workers);
            known.addAll(seen.owners.values());
            call.arg(known.stream().mapToLong(Fsck::number).max().orElse(0));
            call.arg(seen.complete() ? "1" : "").arg(stamp);
            call.arg(sums[9])
                    .arg(sums[10])
                    .arg(sums[5])
                    .arg(seen.runBytes() + sums[8])
                    .arg(sums[6])
                    .arg(sums[7])
                    .arg(look);
            call.arg(!seen.gate.used() ? "" : seen.complete() ? Long.toString(sums[11]) : "-");
            Set<String> orphans = new HashSet<>(seen.owners.values());
            orphans.removeAll(seen.workers);
            orphans.stream().limit(1_000).forEach(call::arg);
            return redis.await(redis.eval(Scripts.AUDIT, call));
        }
    }

    /** Names of blocks and incarnations are numbers; what is none of ours counts for nothing. */
    private static long number(String name) {
        return name.matches("[0-9a-v]{1,12}") ? Long.parseLong(name, 32) : 0;
    }
}
