package io.penstock.queue;

import io.penstock.job.JobOptions;
import io.penstock.job.KeyLimit;
import io.penstock.queue.ReferenceQueue.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Groups, keys and limits in a random history: which job comes next is left open, what it may not be is not. */
final class ModelGates {
    private static final String[] GROUPS = {"a", "b", "c"};
    private static final String[] KEYS = {"x", "y"};

    private final Queue queue;
    private final ReferenceQueue model;
    private final Map<String, GroupRule> rules = new HashMap<>();
    private int maxActive;

    ModelGates(Queue queue, ReferenceQueue model) {
        this.queue = queue;
        this.model = model;
    }

    /** Of three jobs one is plain, one has a group, one a key and perhaps a group. */
    JobOptions options(Step s, JobOptions o) {
        int n = (s.a() + s.b() * 7 + s.c() * 3) % 12;
        JobOptions gated = n % 3 == 0 ? o : n % 3 == 1 || n % 2 == 0 ? o.group(GROUPS[n % 3 == 1 ? n / 4 : n / 5]) : o;
        return n % 3 == 2 ? gated.limit(KEYS[n % 2], 1 + s.b() % 2) : gated;
    }

    /** Changes what groups and the queue may do, now and then. */
    String change(Step s) {
        int n = (s.a() + s.b() + s.c()) % 40;
        if (n > 3) {
            return "";
        }
        if (n == 3) {
            maxActive = s.a() % 3 == 0 ? 1 + s.b() % 4 : 0;
            model.settings =
                    model.settings.running(maxActive, s.b() % 2 == 0 ? new Rate(100_000, Duration.ofSeconds(1)) : null);
            queue.configure(model.settings);
            return "maxActive " + maxActive + " ";
        }
        String group = s.b() % 5 == 0 ? Groups.ALL : GROUPS[s.b() % GROUPS.length];
        GroupRule rule = s.c() % 3 == 0
                ? GroupRule.NONE
                : new GroupRule(
                        s.a() % 2 == 0 ? 1 + s.a() % 5 : null,
                        s.c() % 3 == 1 ? 1 + s.a() % 3 : null,
                        s.a() % 4 == 0 ? new Rate(100_000, Duration.ofSeconds(1)) : null,
                        s.a() % 5 == 0 ? (long) (100 + s.b()) : null,
                        s.b() % 4 == 0);
        queue.groups().configure(group, rule);
        rules.put(group, rule);
        return group + " " + rule + " ";
    }

    void queueLimits(QueueSettings now) {
        maxActive = now.maxActive();
    }

    private GroupRule rule(String group) {
        GroupRule own = rules.getOrDefault(group, GroupRule.NONE);
        GroupRule all = group.isEmpty() ? GroupRule.NONE : rules.getOrDefault(Groups.ALL, GroupRule.NONE);
        return new GroupRule(
                own.weight() == null ? all.weight() : own.weight(),
                own.concurrency() == null ? all.concurrency() : own.concurrency(),
                own.rate() == null ? all.rate() : own.rate(),
                own.bytes() == null ? all.bytes() : own.bytes(),
                own.paused() || all.paused());
    }

    private static String group(Entry job) {
        String group = job.stored.options().group();
        return group == null ? "" : group;
    }

    private static boolean gated(Entry job) {
        return job.stored.line() >= 4;
    }

    private long active(String group) {
        return running().stream().filter(job -> group(job).equals(group)).count();
    }

    private long bytes(String group) {
        return running().stream()
                .filter(job -> group(job).equals(group))
                .mapToLong(job -> job.stored.record.length)
                .sum();
    }

    private long holders(String key) {
        return running().stream()
                .filter(job -> job.stored.options().limit() != null
                        && job.stored.options().limit().key().equals(key))
                .count();
    }

    private List<Entry> running() {
        return model.jobs.values().stream()
                .filter(job -> job.state.equals("active") && gated(job))
                .toList();
    }

    /** Whether this job would have room now. */
    private boolean hasRoom(Entry job) {
        if (!gated(job)) {
            return true;
        }
        GroupRule rule = rule(group(job));
        KeyLimit limit = job.stored.options().limit();
        long active = active(group(job));
        return !rule.paused()
                && (rule.concurrency() == null || rule.concurrency() == 0 || active < rule.concurrency())
                && (rule.bytes() == null
                        || rule.bytes() == 0
                        || active == 0
                        || bytes(group(job)) + job.stored.record.length <= rule.bytes())
                && (limit == null || holders(limit.key()) < limit.permits());
    }

    /** Whether its group is kept for a job that is too large for the bytes left: small ones do not overtake it, or it starved. */
    private boolean waitsForLarger(Entry job) {
        Long most = rule(group(job)).bytes();
        return gated(job)
                && most != null
                && most > 0
                && active(group(job)) > 0
                && model.jobs.values().stream()
                        .filter(other -> other.state.equals("waiting")
                                && gated(other)
                                && group(other).equals(group(job)))
                        .anyMatch(other -> bytes(group(job)) + other.stored.record.length > most);
    }

    /** Takes over what was taken, and says what was wrong about it. */
    String took(String owner, List<LeasedJob> jobs, Lease lease) {
        List<String> faults = new ArrayList<>();
        for (LeasedJob leased : jobs) {
            Entry job = model.jobs.get(leased.id().serial());
            if (job == null || !job.state.equals("waiting")) {
                return leased + " was not waiting";
            }
            if (!hasRoom(job) || model.paused) {
                faults.add(leased + " had no room: " + rule(group(job)) + " " + active(group(job)) + " active");
            }
            job.state = "active";
            job.owner = owner;
            job.deliveries++;
            model.lines.get(job.line()).remove(job.serial);
        }
        long active = model.count("active");
        if (maxActive > 0 && !jobs.isEmpty() && active > maxActive) {
            faults.add(active + " active of " + maxActive);
        }
        boolean mayTake = !model.paused && (maxActive == 0 || active < maxActive) && lease.againMillis() != 1;
        if (jobs.isEmpty() && mayTake) {
            model.jobs.values().stream()
                    .filter(job -> job.state.equals("waiting") && hasRoom(job) && !waitsForLarger(job))
                    .forEach(job -> faults.add(job.serial + " had room and was not taken"));
        }
        return String.join("\n", faults);
    }
}
