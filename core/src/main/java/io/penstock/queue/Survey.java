package io.penstock.queue;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
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

/**
 * What fsck reads of a queue before it mends anything: all jobs that a record or an index names, within its budget.
 *
 * <p>Nothing stands still meanwhile, so the order of reading matters: holders before leases, finish records before the
 * runs that name them, lists from their end. Not thread-safe.
 */
final class Survey {
    /** Entries of lines that a script may walk: about 3 ms. */
    static final int MOST_WALKED = 20_000;

    /** Lines of the four priorities, and of gated jobs of each. */
    static final int LINES = 8;

    private final QueueStore store;
    private final Redis redis;
    private final QueueKeys keys;
    private final Position at;
    private final int budget;
    final List<String> unchecked = new ArrayList<>();
    final Map<String, Set<String>> jobs = new HashMap<>(); // serials by block
    final Map<String, String> owners = new HashMap<>();
    final Set<String> ended = new HashSet<>(); // had a finish record before the runs were read
    final Map<String, String> rebuilt = new HashMap<>(); // finish record that an index stands for
    final Set<String> inRuns = new HashSet<>();
    final Map<String, int[]> places = new HashMap<>(); // times seen in each line
    final Map<String, String> dues =
            new HashMap<>(); // due time and priority of each entry in delayed, one after another
    final Set<String> numbers = new HashSet<>(); // incarnations that have a key
    final Set<String> flows = new HashSet<>(); // flows and batches that live here
    final Set<String> quiet;
    final Set<String> workers;
    final GateSurvey gate;
    private long runBytes;
    private boolean runsKnown;
    private boolean linesKnown;
    private boolean whole;

    /** Where the walk through the key space stands between two calls. */
    static final class Position {
        final ArrayDeque<String> pending = new ArrayDeque<>(); // met by the scan, not looked at yet
        String cursor = "0";
    }

    Survey(QueueStore store, Position at, int budget) {
        this.store = store;
        this.redis = store.redis();
        this.keys = store.keys();
        this.at = at;
        this.budget = budget;
        this.gate = new GateSurvey(store);
        owners();
        records();
        sets();
        runs();
        lines();
        quiet = new HashSet<>(texts("SMEMBERS", new Call(64).key(keys.quiet)));
        workers = readWorkers();
    }

    /** Tells whether every job and every run was looked at. */
    boolean complete() {
        return whole && runsKnown;
    }

    int budget() {
        return budget;
    }

    boolean runsKnown() {
        return runsKnown;
    }

    boolean linesKnown() {
        return linesKnown;
    }

    /** Sum over the runs of completed jobs. */
    long runBytes() {
        return runBytes;
    }

    private List<Object> command(String name, Call call) {
        return redis.await(redis.command(name, call));
    }

    long count(String name, Call call) {
        return (Long) command(name, call).get(0);
    }

    List<String> texts(String name, Call call) {
        return command(name, call).stream().map(Redis::text).toList();
    }

    private void job(String serial) {
        if (serial.length() > 2) {
            jobs.computeIfAbsent(JobId.blockOf(serial), block -> new HashSet<>())
                    .add(serial);
        }
    }

    boolean fits(String what, String size, byte[] key) {
        long entries = count(size, new Call(64).key(key));
        if (entries > budget) {
            unchecked.add(what + ": " + entries + " entries, more than the budget of " + budget);
        }
        return entries <= budget;
    }

    /** All pairs of a hash or sorted set, in steps. */
    Map<String, String> scan(String command, byte[] key) {
        Map<String, String> pairs = new HashMap<>();
        String at = "0";
        do {
            List<Object> reply =
                    command(command, new Call(96).key(key).arg(at).arg("COUNT").arg(500));
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
        boolean fromStart = at.cursor.equals("0") && at.pending.isEmpty();
        int steps = 100 + budget / 10;
        int found = 0;
        while (found < budget) {
            String key = at.pending.poll();
            if (key != null) {
                found += look(key);
            } else if (steps-- > 0) {
                KeyScan.Step step = new KeyScan(store).step(at.cursor);
                step.keys().forEach(bytes -> at.pending.add(Redis.text(bytes)));
                at.cursor = step.next();
                if (at.cursor.equals("0") && at.pending.isEmpty()) {
                    break;
                }
            } else {
                break;
            }
            if (at.cursor.equals("0") && at.pending.isEmpty()) {
                break;
            }
        }
        boolean atEnd = at.cursor.equals("0") && at.pending.isEmpty();
        whole = fromStart && atEnd;
        if (!whole) {
            unchecked.add("records: looked at " + found + " in this call; the next call "
                    + (atEnd ? "starts again" : "goes on from here"));
        }
    }

    private int look(String key) {
        String rest = key.substring(keys.prefix().length());
        if (rest.startsWith("z")) {
            gate.met(rest.substring(1));
            return 1;
        }
        if (rest.length() < 3 || rest.charAt(1) != ':') {
            return 0;
        }
        String name = rest.substring(2);
        switch (rest.charAt(0)) {
            case 'j', 'f' -> {
                List<String> serials = texts("HKEYS", new Call(64).key(Redis.utf8(key)));
                jobs.computeIfAbsent(name, block -> new HashSet<>()); // one with no jobs goes
                serials.forEach(this::job);
                if (rest.charAt(0) == 'f') {
                    ended.addAll(serials);
                }
                return serials.size();
            }
            case 's' -> job(name);
            case 'i' -> numbers.add(name);
            case 'F' -> flows.add(name);
            default -> {}
        }
        return 1;
    }

    private void sets() {
        delayed();
        index("failed", keys.failed, JobState.FAILED);
        index("cancelled", keys.cancelled, JobState.CANCELLED);
        index("retained", keys.retained, JobState.COMPLETED);
        for (byte[] hash : List.of(keys.crashes, keys.ghosts)) {
            if (fits(hash == keys.ghosts ? "ghosts" : "crashes", "HLEN", hash)) {
                scan("HSCAN", hash).keySet().forEach(field -> job(hash == keys.ghosts ? field.substring(1) : field));
            }
        }
        if (fits("blocked", "HLEN", keys.blocked)) {
            scan("HSCAN", keys.blocked).keySet().forEach(this::job);
        }
        if (fits("cancel requests", "SCARD", keys.requests)) {
            texts("SMEMBERS", new Call(64).key(keys.requests)).forEach(this::job);
        }
    }

    private void delayed() {
        long most = count("ZCARD", new Call(64).key(keys.delayed)) * Delayed.LEAF;
        if (most > Math.max(budget, Delayed.LEAF)) {
            unchecked.add("delayed: up to " + most + " entries, more than the budget of " + budget);
            return;
        }
        String after = "";
        List<Delayed> page;
        do {
            page = redis.await(Delayed.page(store, after, 500));
            for (Delayed entry : page) {
                job(entry.serial());
                dues.merge(entry.serial(), entry.place(), String::concat);
                after = entry.text();
            }
        } while (page.size() == 500);
    }

    private void index(String name, byte[] key, JobState state) {
        if (fits(name, "ZCARD", key)) {
            scan("ZSCAN", key).forEach((serial, score) -> {
                job(serial);
                long millis = state == JobState.COMPLETED ? store.clock().millis() : (long) Double.parseDouble(score);
                rebuilt.put(serial, finish(state, millis));
            });
        }
    }

    /** What is left of a finish record that was lost: that it ended, and when. */
    private String finish(JobState state, long millis) {
        JobError lost = state == JobState.COMPLETED
                ? null
                : new JobError("lost-finish", "how it ended was gone from Redis; only its index entry is left", null);
        byte[] bytes = new FinishRecord(state, millis, 0, "-", 0, true, 0, lost, null).encode();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** From the end: what leaves at the head meanwhile, or comes at the end, then hides nothing from us. */
    private List<String> backwards(byte[] list, int step, int most) {
        List<String> all = new ArrayList<>();
        List<String> page;
        do {
            Call call = new Call(64).key(list).arg(-all.size() - (long) step).arg(-all.size() - 1L);
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
        long entries = gate.entries();
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
                seen(line, serial);
            }
        }
        gate.read(this::seen);
    }

    private void seen(int line, String serial) {
        job(serial);
        places.computeIfAbsent(serial, unused -> new int[LINES])[line]++;
    }

    private Set<String> readWorkers() {
        Set<String> all = new HashSet<>();
        List<String> tokens = new ArrayList<>(
                texts("ZRANGE", new Call(64).key(keys.leases).arg(0).arg(-1)));
        tokens.addAll(texts("SMEMBERS", new Call(64).key(keys.dead)));
        tokens.forEach(token -> all.add(token.split("\\.", 2)[0]));
        return all;
    }
}
