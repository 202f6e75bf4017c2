package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.Unique;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of the keys of a queue between any two scripts, whatever happened before. */
final class KeyInvariants {
    private final KeyDump dump;
    private final List<String> broken = new ArrayList<>();
    private final Map<String, StoredJob> jobs = new HashMap<>();
    private final Map<String, FinishRecord> ends = new HashMap<>();
    private final Set<String> delayed;
    private final Set<String> workers = new HashSet<>();

    private KeyInvariants(KeyDump dump) {
        this.dump = dump;
        this.delayed = dump.delayed.keySet();
        broken.addAll(dump.faults);
    }

    /** Every way in which these keys are not as they should be. */
    static List<String> brokenIn(KeyDump dump) {
        KeyInvariants all = new KeyInvariants(dump);
        all.decode();
        all.lines();
        all.places();
        all.indexes();
        all.counters();
        all.uniqueKeys();
        all.workers();
        all.leftovers();
        all.broken.addAll(GateInvariants.brokenIn(dump));
        return all.broken;
    }

    /** Jobs that have not ended although nobody holds the unique key they want. */
    static List<String> keysUnheldIn(KeyDump dump) {
        List<String> unheld = new ArrayList<>();
        dump.records.forEach((serial, record) -> {
            Unique unique = StoredJob.of(record).options().unique();
            if (unique != null
                    && unique.mode() != Unique.Mode.THROTTLE
                    && !dump.finishes.containsKey(serial)
                    && !dump.unique.containsKey(unique.key())) {
                unheld.add(serial + " waits without its key " + unique.key());
            }
        });
        return unheld;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            broken.add(otherwise);
        }
    }

    private void decode() {
        dump.records.forEach((serial, record) -> {
            try {
                jobs.put(serial, new StoredJob(record));
            } catch (RuntimeException unreadable) {
                check(dump.finishes.containsKey(serial), serial + " is unreadable and has not ended");
            }
        });
        dump.finishes.forEach((serial, finish) -> {
            ends.put(serial, FinishRecord.decode(finish));
            check(dump.records.containsKey(serial), serial + " has ended but has no record");
        });
    }

    private boolean stands(int line, String serial) {
        StoredJob job = jobs.get(serial);
        return job != null
                && job.line() == line
                && !ends.containsKey(serial)
                && !dump.active.containsKey(serial)
                && !dump.blocked.containsKey(serial)
                && !delayed.contains(serial);
    }

    /** Entries of a line are a waiting job's one place, or ghosts. */
    private void lines() {
        Map<String, Integer> ghosts = new HashMap<>(dump.ghosts);
        for (int line = 0; line < 8; line++) {
            Map<String, Integer> entries = new HashMap<>();
            for (String serial : dump.entries(line)) {
                entries.merge(serial, 1, Integer::sum);
            }
            for (Map.Entry<String, Integer> entry : entries.entrySet()) {
                int stale = entry.getValue() - (stands(line, entry.getKey()) ? 1 : 0);
                Integer known = ghosts.remove(line + entry.getKey());
                check(
                        stale == (known == null ? 0 : known),
                        "line " + line + " has " + stale + " stale entries of " + entry.getKey() + ", ghosts say "
                                + known);
            }
        }
        check(ghosts.isEmpty(), "ghosts that stand in no line: " + ghosts);
    }

    /** A job that has not ended is in exactly one place. */
    private void places() {
        for (String serial : dump.records.keySet()) {
            StoredJob job = jobs.get(serial);
            boolean ended = ends.containsKey(serial);
            boolean runs = dump.active.containsKey(serial);
            boolean later = delayed.contains(serial);
            boolean waits = job != null && dump.entries(job.line()).contains(serial);
            boolean blocked = dump.blocked.containsKey(serial);
            int places = (ended ? 1 : 0) + (runs ? 1 : 0) + (later ? 1 : 0) + (blocked ? 1 : 0);
            check(places == 1 || places == 0 && waits, serial + " is in " + places + " places, in its line: " + waits);
        }
        dump.delayed.forEach((serial, entry) -> {
            StoredJob job = jobs.get(serial);
            check(
                    job != null && job.line() == entry.text().charAt(9) - '0' && job.readyMillis == entry.dueMillis(),
                    "delayed " + entry.text() + " is not of its job's priority and due time, or has no job");
        });
        dump.blocked.forEach((serial, place) -> check(
                jobs.containsKey(serial) && jobs.get(serial).flow().equals(place),
                "blocked " + serial + " has no record, or not of " + place));
        dump.active.forEach((serial, number) ->
                check(dump.records.containsKey(serial), "active " + serial + " of " + number + " has no record"));
    }

    /** An ended job is in exactly one index, the one of its state. */
    private void indexes() {
        Map<String, Integer> runs = new HashMap<>();
        for (Prune.Run run : dump.completed) {
            run.serials().forEach(serial -> runs.merge(serial, 1, Integer::sum));
        }
        ends.forEach((serial, end) -> {
            int inRuns = runs.getOrDefault(serial, 0);
            boolean kept = dump.retained.containsKey(serial);
            boolean right = switch (end.state()) {
                case COMPLETED -> inRuns + (kept ? 1 : 0) == 1;
                case FAILED -> dump.failed.containsKey(serial) && inRuns == 0 && !kept;
                default -> dump.cancelled.containsKey(serial) && inRuns == 0 && !kept;
            };
            check(right, serial + " is " + end.state() + ", in runs " + inRuns + ", retained " + kept);
        });
        member(dump.failed, "f", "failed");
        member(dump.cancelled, "k", "cancelled");
        member(dump.retained, "c", "retained");
        runs.keySet()
                .forEach(serial -> check(
                        ends.containsKey(serial) || !dump.records.containsKey(serial),
                        "run of completed jobs names " + serial + ", which has not ended"));
    }

    private void member(Map<String, Double> index, String letter, String name) {
        index.keySet().forEach(serial -> {
            byte[] finish = dump.finishes.get(serial);
            check(finish != null && finish[0] == letter.charAt(0), name + " names " + serial + ", which is not");
        });
    }

    private long recount(String state) {
        return dump.records.keySet().stream()
                .filter(serial -> dump.stateOf(serial).equals(state))
                .count();
    }

    private void counters() {
        for (String state : List.of("waiting", "delayed", "active", "blocked", "completed", "failed", "cancelled")) {
            counter(state, recount(state));
        }
        long bytes = 0;
        long failed = 0;
        long cancelled = 0;
        long completed = dump.completed.stream().mapToLong(Prune.Run::bytes).sum();
        for (Map.Entry<String, byte[]> record : dump.records.entrySet()) {
            String serial = record.getKey();
            byte[] finish = dump.finishes.get(serial);
            long size = (long) record.getValue().length + (finish == null ? 0 : finish.length);
            if (finish == null) {
                bytes += size;
            } else if (finish[0] == 'f') {
                failed += size;
            } else if (finish[0] == 'k') {
                cancelled += size;
            } else if (dump.retained.containsKey(serial)) {
                completed += size;
            }
        }
        counter("bytes", bytes);
        counter("completedBytes", completed);
        counter("failedBytes", failed);
        counter("cancelledBytes", cancelled);
    }

    private void counter(String name, long recount) {
        long counter = dump.counters.getOrDefault(name, 0L);
        check(counter == recount, "counter " + name + " is " + counter + ", recounted " + recount);
    }

    private void uniqueKeys() {
        dump.unique.forEach((key, holder) -> {
            StoredJob job = jobs.get(holder);
            Unique unique = job == null ? null : job.options().unique();
            check(
                    !ends.containsKey(holder) && unique != null && unique.key().equals(key),
                    "unique key " + key + " is held by " + holder + ", which is gone, ended or has another");
        });
    }

    private void workers() {
        dump.leases.keySet().forEach(token -> workers.add(token.substring(0, token.indexOf('.'))));
        dump.dead.forEach(token -> workers.add(token.substring(0, token.indexOf('.'))));
        dump.active.forEach((serial, number) -> check(
                workers.contains(number), serial + " is held by " + number + ", which has no lease and is not dead"));
        dump.incarnations
                .keySet()
                .forEach(number -> check(workers.contains(number), "incarnation " + number + " was not forgotten"));
        dump.quiet.forEach(number -> check(workers.contains(number), "quiet names " + number + ", which is gone"));
    }

    private void leftovers() {
        dump.crashes.forEach((serial, count) -> check(
                dump.records.containsKey(serial) && !ends.containsKey(serial) && count.matches("[0-9]!?"),
                "crashes of " + serial + " = " + count));
        dump.requests.forEach(serial ->
                check(dump.active.containsKey(serial), "cancel request for " + serial + ", which does not run"));
        dump.extras.keySet().forEach(serial -> {
            StoredJob job = jobs.get(serial);
            FinishRecord end = ends.get(serial);
            boolean known = end != null ? end.extras() : job != null && job.extras;
            check(
                    known || dump.active.containsKey(serial),
                    "extras of " + serial + " that its record does not tell of");
        });
        long last = dump.counters.getOrDefault("blocks", 0L);
        dump.records
                .keySet()
                .forEach(serial -> check(
                        Long.parseLong(JobId.blockOf(serial), 32) <= last,
                        serial + " is of a block that was never given out"));
    }
}
