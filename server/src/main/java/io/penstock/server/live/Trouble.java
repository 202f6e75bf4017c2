package io.penstock.server.live;

import io.penstock.alert.Alert;
import io.penstock.job.JobState;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemoryStatus;
import io.penstock.queue.QueueStats;
import io.penstock.runtime.Health;
import io.penstock.server.engine.Engine.QueueView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Something that an operator should see first.
 *
 * @param kind what it is, for a page to say it in its own language
 * @param severity {@code critical}, {@code error}, {@code warning} or {@code info}
 * @param subject which queue, alert or part of the house
 * @param detail what is wrong, in English
 * @param count how many jobs, or 0
 */
record Trouble(String kind, String severity, String subject, String detail, long count) {
    private static final int MOST = 50;

    /** A job that has waited this long while nothing of its queue runs is stuck rather than in line. */
    private static final long STUCK_MILLIS = 30_000;

    private static final List<String> WORST_FIRST = List.of("critical", "error", "warning", "info");

    /** Finds them, the worst first, at most {@value #MOST}. */
    static List<Trouble> find(Health redis, MemoryStatus memory, List<Alert> alerts, Collection<QueueView> queues) {
        List<Trouble> found = new ArrayList<>();
        if (redis.status() != Health.Status.UP) {
            String severity = redis.status() == Health.Status.DOWN ? "critical" : "warning";
            found.add(new Trouble("redis", severity, "redis", redis.reason(), 0));
        }
        boolean tight = memory.sample().level().atLeast(MemoryLevel.CRITICAL);
        for (String issue : memory.issues()) {
            found.add(new Trouble("memory", tight ? "critical" : "warning", "memory", issue, 0));
        }
        for (Alert alert : alerts) {
            if (alert.pendingUntil() == null && alert.acknowledgedAt() == null && alert.silencedUntil() == null) {
                found.add(new Trouble("alert", alert.severity().wire(), alert.id(), alert.reason(), 0));
            }
        }
        for (QueueView view : queues) {
            of(view.stats(), found);
        }
        found.sort(Comparator.comparingInt(each -> WORST_FIRST.indexOf(each.severity())));
        return found.size() > MOST ? found.subList(0, MOST) : found;
    }

    private static void of(QueueStats stats, List<Trouble> found) {
        long waiting = stats.counts().waiting();
        boolean idle = stats.counts().of(JobState.ACTIVE) == 0;
        if (waiting > 0 && stats.paused()) {
            found.add(new Trouble("paused", "info", stats.name(), "paused with jobs in line", waiting));
        } else if (waiting > 0 && idle && stats.oldestWaitingMillis() > STUCK_MILLIS) {
            found.add(new Trouble(
                    "stuck", "warning", stats.name(), "jobs wait and none runs: is there a worker?", waiting));
        }
        if (stats.counts().of(JobState.FAILED) > 0) {
            long dead = stats.counts().of(JobState.FAILED);
            found.add(new Trouble("dead", "info", stats.name(), "dead letters to look through", dead));
        }
    }
}
