package io.penstock.queue;

import io.penstock.job.Priority;
import io.penstock.job.Unique;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** The queue as it should be, in plain collections: what {@link QueueModelTest} compares the real one with. */
final class ReferenceQueue {
    /** Due by the clock of Redis at some time that no test lives to see. */
    static final double FAR = 1e15;

    /** One job. */
    static final class Entry {
        final String serial;
        String state = "waiting";
        StoredJob stored;
        double score;
        boolean dated;
        String crashes = "";
        String owner = "";
        boolean extras;
        boolean asked;
        long endedMillis;
        long keepUntil;
        int deliveries;

        Entry(String serial, byte[] record) {
            this.serial = serial;
            this.stored = new StoredJob(record);
        }

        boolean ended() {
            return state.equals("completed") || state.equals("failed") || state.equals("cancelled");
        }

        String key() {
            Unique unique = stored.options().unique();
            return unique == null || unique.mode() == Unique.Mode.THROTTLE ? "" : unique.key();
        }

        String throttle() {
            Unique unique = stored.options().unique();
            return unique == null || unique.mode() != Unique.Mode.THROTTLE ? "" : unique.key();
        }

        int line() {
            return stored.line();
        }

        int crashCount() {
            return crashes.isEmpty() ? 0 : crashes.charAt(0) - '0';
        }
    }

    final Map<String, Entry> jobs = new LinkedHashMap<>();
    final List<List<String>> lines = IntStream.range(0, 8)
            .<List<String>>mapToObj(unused -> new ArrayList<>())
            .toList(); // from 4 on at the gate, in no order
    final Set<String> ghosts = new HashSet<>();
    final Map<String, String> unique = new LinkedHashMap<>();
    final Map<String, String> throttles = new LinkedHashMap<>();
    final int[] firm = new int[8];
    QueueSettings settings = QueueSettings.DEFAULT;
    boolean paused;
    boolean draining;
    long added;
    long completed;
    long failed;
    long cancelled;

    long pending() {
        return jobs.values().stream().filter(job -> !job.ended()).count();
    }

    long bytes() {
        return jobs.values().stream()
                .filter(job -> !job.ended())
                .mapToLong(job -> job.stored.record.length)
                .sum();
    }

    /** Bytes of so many jobs from the head of the most urgent line. */
    long weight(int most) {
        return lines.stream()
                .flatMap(List::stream)
                .filter(jobs::containsKey)
                .limit(most)
                .mapToLong(serial -> jobs.get(serial).stored.record.length)
                .sum();
    }

    long count(String state) {
        return jobs.values().stream().filter(job -> job.state.equals(state)).count();
    }

    /** From here on the order in which jobs join the lines is not known. */
    void firm() {
        for (int line = 0; line < 4; line++) {
            firm[line] = lines.get(line).size();
        }
    }

    /** Into its line, where it has its old place again if that is still there. */
    void waits(Entry job) {
        job.state = "waiting";
        if (!ghosts.remove(job.line() + job.serial)) {
            lines.get(job.line()).add(job.serial);
        }
    }

    void first(Entry job) {
        job.state = "waiting";
        lines.get(job.line()).add(0, job.serial);
    }

    void later(Entry job, double score) {
        job.state = "delayed";
        job.score = score;
        job.dated = true;
    }

    /** Out of the place it has while it has not ended. */
    void leaves(Entry job) {
        if (job.state.equals("waiting")) {
            ghosts.add(job.line() + job.serial);
        }
        job.owner = "";
        job.asked = false;
    }

    void ends(Entry job, String state, long nowMillis, boolean keep) {
        leaves(job);
        job.state = state;
        job.endedMillis = nowMillis;
        job.crashes = "";
        unique.remove(job.key(), job.serial);
        switch (state) {
            case "completed" -> completed++;
            case "failed" -> failed++;
            default -> cancelled++;
        }
        if (state.equals("cancelled")) {
            throttles.remove(job.throttle(), job.serial);
        }
        if (!keep) {
            jobs.remove(job.serial);
        }
    }

    void removes(Entry job) {
        leaves(job);
        unique.remove(job.key(), job.serial);
        throttles.remove(job.throttle(), job.serial);
        jobs.remove(job.serial);
    }

    List<Entry> due(int most) {
        return jobs.values().stream()
                .filter(job -> job.state.equals("delayed") && job.score < FAR)
                .sorted(Comparator.comparingDouble((Entry job) -> job.score)
                        .thenComparing(job -> job.line() + job.serial))
                .limit(most)
                .toList();
    }

    /** What a take gives, in order. */
    List<Entry> take(String owner, int most, long budget) {
        for (int round = 0; !paused && round < 5; round++) {
            List<Entry> taken = takeOnce(owner, most, budget);
            if (!taken.isEmpty()) {
                return taken;
            }
        }
        return List.of();
    }

    private List<Entry> takeOnce(String owner, int most, long budget) {
        List<Entry> taken = new ArrayList<>();
        List<Integer> order = order();
        long left = budget;
        for (int at = 0; at < order.size() && most > taken.size(); at++) {
            int line = order.get(at);
            int room = most - taken.size();
            boolean aged = order.subList(at + 1, order.size()).stream().anyMatch(other -> other < line);
            room = aged ? (room + 3) / 4 : room;
            List<String> entries = lines.get(line);
            List<String> head = reached(line, entries, room);
            for (String serial : head) {
                Entry job = jobs.get(serial);
                if (ghosts.contains(line + serial) || job == null) {
                    continue;
                }
                if (job.stored.record.length > left && !taken.isEmpty()) {
                    left = 0;
                    break;
                }
                left -= job.stored.record.length;
                taken.add(job);
                entries.remove(serial);
                job.state = "active";
                job.owner = owner;
                job.deliveries++;
            }
            if (taken.isEmpty()) {
                entries.subList(0, head.size()).clear();
                head.forEach(serial -> ghosts.remove(line + serial));
            }
            if (left <= 0) {
                break;
            }
        }
        return taken;
    }

    /** So many entries from the head of a line that are no ghosts, and the ghosts that stand before them. */
    private List<String> reached(int line, List<String> entries, int room) {
        List<String> head = new ArrayList<>();
        int jobs = 0;
        for (String serial : entries.subList(0, Math.min(room + 400, entries.size()))) {
            if (!ghosts.contains(line + serial) && jobs++ == room) {
                break;
            }
            head.add(serial);
        }
        return head;
    }

    private List<Integer> order() {
        List<Integer> order = new ArrayList<>();
        double[] due = new double[4];
        for (int line = 0; line < 4; line++) {
            if (!lines.get(line).isEmpty()) {
                order.add(line);
                Entry head = jobs.get(lines.get(line).get(0));
                due[line] = (head == null ? Double.POSITIVE_INFINITY : head.stored.readyMillis)
                        + (double) line * settings.aging().toMillis();
            }
        }
        order.sort(Comparator.comparingDouble((Integer line) -> due[line]).thenComparing(line -> line));
        return order;
    }

    /** Takes over what the real line looks like, where that is left open. */
    String sync(int line, List<String> real) {
        List<String> mine = lines.get(line);
        int known = Math.min(firm[line], mine.size());
        List<String> tail = new ArrayList<>(mine.subList(known, mine.size()));
        boolean alike = real.size() == mine.size() && real.subList(0, known).equals(mine.subList(0, known));
        List<String> realTail = alike ? real.subList(known, real.size()) : real;
        tail.sort(null);
        if (!alike || !tail.equals(realTail.stream().sorted().toList())) {
            return Priority.ofLevel(line).wire() + " line is " + real + " but should be " + mine.subList(0, known)
                    + " and then in any order " + tail;
        }
        mine.clear();
        mine.addAll(real);
        return "";
    }
}
