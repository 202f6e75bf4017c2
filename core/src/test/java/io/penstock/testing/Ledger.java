package io.penstock.testing;

import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobState;
import io.penstock.queue.JobPage;
import io.penstock.queue.Queue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The books of a fault test: what producers attempted, what they were told, what ran, what ended, and what does not add up.
 *
 * <p>Every job carries its number as {@code "n"} in its payload, so a job whose answer was lost is found again. The words are
 * those of Jepsen's queue checker: lost = acknowledged and without an end; duplicated = more than one end; recovered =
 * the answer was unknown, yet it ended; unexpected = an end of what nobody added or of what was refused, or a second run
 * of one delivery.
 */
public final class Ledger {
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    private final Map<Integer, String> answers = new HashMap<>();
    private final Map<Integer, List<JobState>> ends = new HashMap<>();
    private final Map<Integer, Map<Integer, Integer>> runs = new HashMap<>(); // job, delivery, runs not interrupted
    private int starts;

    /** The sum of the books. */
    public record Balance(
            int attempted,
            int acknowledged,
            int refused,
            int unknown,
            int ok,
            List<Integer> lost,
            List<Integer> unexpected,
            List<Integer> duplicated,
            int recovered,
            int reruns) {
        /** Whether nothing was lost, doubled or made up. */
        public boolean holds() {
            return lost.isEmpty() && unexpected.isEmpty() && duplicated.isEmpty();
        }

        @Override
        public String toString() {
            return "attempted=%d acknowledged=%d refused=%d unknown=%d ok=%d lost=%d unexpected=%d duplicated=%d recovered=%d reruns=%d"
                    .formatted(
                            attempted,
                            acknowledged,
                            refused,
                            unknown,
                            ok,
                            lost.size(),
                            unexpected.size(),
                            duplicated.size(),
                            recovered,
                            reruns);
        }
    }

    /** A producer is about to add job n. */
    public synchronized void attempted(int n) {
        answers.put(n, "unknown");
    }

    /** A producer was told so. */
    public synchronized void answered(int n, Enqueued answer) {
        boolean unknown = answer instanceof Enqueued.Refused no && no.reason() == Enqueued.Reason.REDIS_UNREACHABLE;
        answers.put(n, unknown ? "unknown" : answer instanceof Enqueued.Accepted ? "acknowledged" : "refused");
    }

    /** A run began; {@code interrupted} if it was asked to give up and did, so that the same delivery may run again. */
    public synchronized void ran(int n, int delivery, boolean interrupted) {
        starts++;
        runs.computeIfAbsent(n, any -> new HashMap<>()).merge(delivery, interrupted ? 0 : 1, Integer::sum);
    }

    /** Enters all runs of a worker's journal. */
    public synchronized void ran(List<Journal.Line> journal) {
        Map<String, Integer> open = Journal.open(journal);
        for (Journal.Line line : journal) {
            if (line.what() == 'E' || line.what() == 'I') {
                ran(Integer.parseInt(line.job()), line.deliveries(), line.what() == 'I');
            }
        }
        open.forEach((job, deliveries) -> ran(Integer.parseInt(job), deliveries, false));
    }

    /** A terminal record was found. */
    public synchronized void ended(int n, JobState state) {
        ends.computeIfAbsent(n, any -> new ArrayList<>()).add(state);
    }

    /** Enters every terminal record of a queue, and answers them. */
    public List<Job> ended(Queue queue) {
        List<Job> all = new ArrayList<>();
        for (JobState state : List.of(JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)) {
            String cursor = null;
            do {
                JobPage page = queue.list(state, cursor, 500);
                page.jobs().forEach(job -> ended(number(job), state));
                all.addAll(page.jobs());
                cursor = page.next();
            } while (cursor != null);
        }
        return all;
    }

    /** The number that a job carries. */
    public static int number(Job job) {
        String payload = new String(job.payload(), StandardCharsets.UTF_8);
        Matcher matcher = NUMBER.matcher(payload);
        if (!matcher.find()) {
            throw new IllegalArgumentException("payload without a number: " + payload);
        }
        return Integer.parseInt(matcher.group(1));
    }

    public synchronized int acknowledged() {
        return count("acknowledged");
    }

    private int count(String answer) {
        return (int) answers.values().stream().filter(answer::equals).count();
    }

    public synchronized Balance balance() {
        List<Integer> lost = new ArrayList<>();
        List<Integer> unexpected = new ArrayList<>();
        List<Integer> duplicated = new ArrayList<>();
        int ok = 0;
        int recovered = 0;
        for (Map.Entry<Integer, String> entry : answers.entrySet()) {
            boolean ended = ends.containsKey(entry.getKey());
            switch (entry.getValue()) {
                case "acknowledged" -> {
                    ok += ended ? 1 : 0;
                    if (!ended) {
                        lost.add(entry.getKey());
                    }
                }
                case "unknown" -> recovered += ended ? 1 : 0;
                default -> {
                    if (ended) {
                        unexpected.add(entry.getKey());
                    }
                }
            }
        }
        ends.forEach((n, states) -> {
            if (states.size() > 1) {
                duplicated.add(n);
            }
            if (!answers.containsKey(n)) {
                unexpected.add(n);
            }
        });
        runs.forEach((n, deliveries) -> {
            if (deliveries.values().stream().anyMatch(times -> times > 1)) {
                unexpected.add(n);
            }
        });
        return new Balance(
                answers.size(),
                count("acknowledged"),
                count("refused"),
                count("unknown"),
                ok,
                lost,
                unexpected,
                duplicated,
                recovered,
                starts - runs.size());
    }
}
