package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.Unique;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
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

    /** Entries of lines that a script may walk: about 3 ms. */
    private static final int MOST_WALKED = 20_000;

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
    private final ArrayDeque<String> pending = new ArrayDeque<>(); // keys met by the scan, not looked at yet
    private String cursor = "0";
    private Map<String, String> marks = Map.of();
    private long marksNanos;

    Fsck(QueueStore store) {
        this.store = store;
        this.redis = store.redis();
        this.keys = store.keys();
    }

    synchronized FsckReport run(int budget) {
        return new Pass(Math.max(BATCH, Math.min(budget, 1_000_000))).run();
    }

    /** What one call has seen so far. */
    private final class Pass {
        private final int budget;
        private final List<String> unchecked = new ArrayList<>();
        private final Map<String, Set<String>> jobs = new HashMap<>(); // serials by block
        private final Map<String, String> owners = new HashMap<>();
        private final Set<String> ended = new HashSet<>(); // had a finish record before the runs were read
        private final Map<String, String> rebuilt = new HashMap<>(); // finish record that an index stands for
        private final Set<String> inRuns = new HashSet<>();
        private final Map<String, int[]> places = new HashMap<>();
        private final Map<String, String> wanted = new HashMap<>(); // serial to unique key
        private final Set<String> numbers = new HashSet<>(); // incarnations that have a key
        private final long[] sums = new long[10];
        private long runBytes;
        private long mendedKeys;
        private long looked;
        private boolean runsKnown;
        private boolean linesKnown;
        private boolean whole;

        Pass(int budget) {
            this.budget = budget;
        }

        FsckReport run() {
            String stamp = stamp();
            owners();
            records();
            sets();
            runs();
            lines();
            Set<String> quiet = new HashSet<>(texts("SMEMBERS", new Call(64).key(keys.quiet)));
            Set<String> workers = workers();
            jobs.forEach(this::heal);
            uniqueKeys();
            quiet.removeAll(workers);
            quiet.forEach(number ->
                    sums[3] += count("SREM", new Call(64).key(keys.quiet).arg(number)));
            numbers.removeAll(workers);
            numbers.forEach(number -> sums[3] += count("DEL", new Call(64).key(keys.incarnation(number))));
            marks();
            List<Object> audited = audit(stamp, workers);
            if (whole && runsKnown && (Long) audited.get(1) == 0) {
                unchecked.add("bytes: the queue was in use while they were counted; try again when it is quiet");
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
                    List.copyOf(unchecked));
        }

        private List<Object> command(String name, Call call) {
            return redis.await(redis.command(name, call));
        }

        private long count(String name, Call call) {
            return (Long) command(name, call).get(0);
        }

        private List<String> texts(String name, Call call) {
            return command(name, call).stream().map(Redis::text).toList();
        }

        private void job(String serial) {
            if (serial.length() > 2) {
                jobs.computeIfAbsent(JobId.blockOf(serial), block -> new HashSet<>())
                        .add(serial);
            }
        }

        private boolean fits(String what, String size, byte[] key) {
            long entries = count(size, new Call(64).key(key));
            if (entries > budget) {
                unchecked.add(what + ": " + entries + " entries, more than the budget of " + budget);
            }
            return entries <= budget;
        }

        private String stamp() {
            Call call = new Call(256).key(keys.counters);
            STAMP.forEach(call::arg);
            return String.join(
                    " ",
                    command("HMGET", call).stream()
                            .map(n -> n == null ? "" : Redis.text(n))
                            .toList());
        }

        /** All pairs of a hash or sorted set, in steps. */
        private Map<String, String> scan(String command, byte[] key) {
            Map<String, String> pairs = new HashMap<>();
            String at = "0";
            do {
                List<Object> reply = command(
                        command, new Call(96).key(key).arg(at).arg("COUNT").arg(500));
                List<?> page = (List<?>) reply.get(1);
                for (int i = 0; i + 1 < page.size(); i += 2) {
                    pairs.put(Redis.text(page.get(i)), Redis.text(page.get(i + 1)));
                }
                at = Redis.text(reply.get(0));
            } while (!at.equals("0"));
            pairs.remove("");
            return pairs;
        }

        /** Before the leases: who holds a job now has a lease now, or never has one again. */
        private void owners() {
            if (fits("active", "HLEN", keys.active)) {
                owners.putAll(scan("HSCAN", keys.active));
                owners.keySet().forEach(this::job);
            }
        }

        /** Goes on with the key space where the last call stopped. */
        private void records() {
            boolean fromStart = cursor.equals("0") && pending.isEmpty();
            int steps = 100 + budget / 10;
            int found = 0;
            while (found < budget) {
                String key = pending.poll();
                if (key != null) {
                    found += look(key);
                } else if (steps-- > 0) {
                    KeyScan.Step step = new KeyScan(store).step(cursor);
                    step.keys().forEach(bytes -> pending.add(Redis.text(bytes)));
                    cursor = step.next();
                    if (cursor.equals("0") && pending.isEmpty()) {
                        break;
                    }
                } else {
                    break;
                }
                if (cursor.equals("0") && pending.isEmpty()) {
                    break;
                }
            }
            boolean atEnd = cursor.equals("0") && pending.isEmpty();
            whole = fromStart && atEnd;
            if (!whole) {
                unchecked.add("records: looked at " + found + " in this call; the next call "
                        + (atEnd ? "starts again" : "goes on from here"));
            }
        }

        private int look(String key) {
            String rest = key.substring(keys.prefix().length());
            if (rest.length() < 3 || rest.charAt(1) != ':') {
                return 0;
            }
            String name = rest.substring(2);
            switch (rest.charAt(0)) {
                case 'j', 'f' -> {
                    List<String> serials = texts("HKEYS", new Call(64).key(Redis.utf8(key)));
                    serials.forEach(this::job);
                    if (rest.charAt(0) == 'f') {
                        ended.addAll(serials);
                    }
                    return serials.size();
                }
                case 's' -> job(name);
                case 'i' -> numbers.add(name);
                default -> {}
            }
            return 1;
        }

        private void sets() {
            if (fits("delayed", "ZCARD", keys.delayed)) {
                scan("ZSCAN", keys.delayed).keySet().forEach(member -> job(member.substring(1)));
            }
            index("failed", keys.failed, JobState.FAILED);
            index("cancelled", keys.cancelled, JobState.CANCELLED);
            index("retained", keys.retained, JobState.COMPLETED);
            for (byte[] hash : List.of(keys.crashes, keys.ghosts)) {
                if (fits(hash == keys.ghosts ? "ghosts" : "crashes", "HLEN", hash)) {
                    scan("HSCAN", hash)
                            .keySet()
                            .forEach(field -> job(hash == keys.ghosts ? field.substring(1) : field));
                }
            }
            if (fits("cancel requests", "SCARD", keys.requests)) {
                texts("SMEMBERS", new Call(64).key(keys.requests)).forEach(this::job);
            }
        }

        private void index(String name, byte[] key, JobState state) {
            if (fits(name, "ZCARD", key)) {
                scan("ZSCAN", key).forEach((serial, score) -> {
                    job(serial);
                    long millis =
                            state == JobState.COMPLETED ? store.clock().millis() : (long) Double.parseDouble(score);
                    rebuilt.put(serial, finish(state, millis));
                });
            }
        }

        /** What is left of a finish record that was lost: that it ended, and when. */
        private String finish(JobState state, long millis) {
            JobError lost = state == JobState.COMPLETED
                    ? null
                    : new JobError(
                            "lost-finish", "how it ended was gone from Redis; only its index entry is left", null);
            byte[] bytes = new FinishRecord(state, millis, 0, "-", 0, true, 0, lost, null).encode();
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** From the end: what leaves at the head meanwhile, or comes at the end, then hides nothing from us. */
        private List<String> backwards(byte[] list, int step, int most) {
            List<String> all = new ArrayList<>();
            List<String> page;
            do {
                Call call =
                        new Call(64).key(list).arg(-all.size() - (long) step).arg(-all.size() - 1L);
                page = texts("LRANGE", call);
                all.addAll(page);
            } while (page.size() == step && all.size() <= most);
            return all;
        }

        private void runs() {
            runsKnown = fits("completed", "LLEN", keys.completed);
            if (!runsKnown) {
                return;
            }
            for (String text : backwards(keys.completed, 500, budget)) {
                Prune.Run run = Prune.Run.of(text);
                runBytes += run.bytes();
                for (String serial : run.serials()) {
                    inRuns.add(serial);
                    if (jobs.getOrDefault(JobId.blockOf(serial), Set.of()).contains(serial)) {
                        rebuilt.put(serial, finish(JobState.COMPLETED, run.second() * 1_000));
                    }
                }
            }
        }

        private void lines() {
            long entries = 0;
            for (byte[] line : keys.lines) {
                entries += count("LLEN", new Call(64).key(line));
            }
            linesKnown = entries <= Math.min(budget, MOST_WALKED);
            if (!linesKnown) {
                unchecked.add("lines: " + entries + " entries, more than " + Math.min(budget, MOST_WALKED));
                return;
            }
            for (int line = 0; line < 4; line++) {
                for (String serial : backwards(keys.lines[line], 1_000, budget)) {
                    job(serial);
                    places.computeIfAbsent(serial, unused -> new int[4])[line]++;
                }
            }
        }

        private Set<String> workers() {
            Set<String> all = new HashSet<>();
            List<String> tokens = new ArrayList<>(
                    texts("ZRANGE", new Call(64).key(keys.leases).arg(0).arg(-1)));
            tokens.addAll(texts("SMEMBERS", new Call(64).key(keys.dead)));
            tokens.forEach(token -> all.add(token.split("\\.", 2)[0]));
            return all;
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
            call.key(keys.records(block)).key(keys.finishes(block));
            batch.forEach(serial -> call.key(keys.extras(serial)));
            long now = store.clock().millis();
            call.arg(now).arg(linesKnown ? 2L * MOST_WALKED : 0);
            call.arg(
                    new FinishRecord(JobState.FAILED, now, 0, "-", 0, true, 0, JobReader.unreadable(0), null).encode());
            for (String serial : batch) {
                StringBuilder seen = new StringBuilder(4);
                IntStream.of(places.getOrDefault(serial, new int[4])).forEach(n -> seen.append(Math.min(n, 9)));
                call.arg(serial).arg(seen.toString()).arg(inRuns.contains(serial) ? "1" : "");
                call.arg(runsKnown && ended.contains(serial) ? "1" : "").arg(rebuilt.getOrDefault(serial, ""));
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
            for (int shard = 0; shard < QueueKeys.uniqueShards(); shard++) {
                if (!fits("unique keys", "HLEN", keys.uniqueShard(shard))) {
                    return;
                }
                Map<String, String> some = scan("HSCAN", keys.uniqueShard(shard));
                if (!some.isEmpty()) {
                    count(
                            "HSETNX",
                            new Call(192).key(keys.uniqueShard(shard)).arg("").arg(PAD));
                }
                held.putAll(some);
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
                    .arg(wants);
            String done =
                    Redis.text(redis.await(redis.eval(Scripts.REKEY, call)).get(0));
            mendedKeys += done.equals("right") ? 0 : 1;
        }

        private void marks() {
            long now = store.clock().nanos();
            if (!marks.isEmpty() && now - marksNanos < MARK_AGE_NANOS || !fits("marks", "HLEN", keys.marks)) {
                return;
            }
            Map<String, String> fresh = scan("HSCAN", keys.marks);
            fresh.forEach((block, mark) -> {
                if (mark.equals(marks.get(block))) {
                    sums[3] += count("HDEL", new Call(64).key(keys.marks).arg(block));
                }
            });
            marks = fresh;
            marksNanos = now;
        }

        private List<Object> audit(String stamp, Set<String> workers) {
            Call call = new Call(1024).key(keys.counters);
            for (byte[] line : keys.lines) {
                call.key(line);
            }
            call.key(keys.delayed)
                    .key(keys.active)
                    .key(keys.ghosts)
                    .key(keys.failed)
                    .key(keys.cancelled);
            call.key(keys.leases).key(keys.dead).key(keys.blocks);
            call.arg(jobs.keySet().stream().mapToLong(Fsck::number).max().orElse(0));
            Set<String> known = new HashSet<>(workers);
            known.addAll(owners.values());
            call.arg(known.stream().mapToLong(Fsck::number).max().orElse(0));
            call.arg(whole && runsKnown ? "1" : "").arg(stamp);
            call.arg(sums[9]).arg(sums[5]).arg(runBytes + sums[8]).arg(sums[6]).arg(sums[7]);
            Set<String> orphans = new HashSet<>(owners.values());
            orphans.removeAll(workers);
            orphans.stream().limit(1_000).forEach(call::arg);
            return redis.await(redis.eval(Scripts.AUDIT, call));
        }
    }

    /** Names of blocks and incarnations are numbers; what is none of ours counts for nothing. */
    private static long number(String name) {
        return name.matches("[0-9a-v]{1,12}") ? Long.parseLong(name, 32) : 0;
    }
}
