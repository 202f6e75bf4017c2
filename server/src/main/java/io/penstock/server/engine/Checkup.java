package io.penstock.server.engine;

import io.penstock.Finding;
import io.penstock.queue.QueueStats;
import io.penstock.redis.RedisException;
import java.util.ArrayList;
import java.util.List;

/** Looks at Redis, queues and workers for what an operator should know, each finding with what to do about it. */
public final class Checkup {
    /** Queues looked at; each costs two round trips. */
    private static final int MOST_QUEUES = 50;

    /** Jobs that wait this long without any worker are a mistake rather than a start. */
    private static final long LONG_WAIT_MILLIS = 30_000;

    private final Engine engine;
    private final List<Check> checks = new ArrayList<>();

    /**
     * One finding.
     *
     * @param status {@code ok}, {@code warn} or {@code fail}
     * @param detail what was found and, unless it is fine, what to do
     */
    public record Check(String name, String status, String detail) {}

    private Checkup(Engine engine) {
        this.engine = engine;
    }

    public static List<Check> of(Engine engine) {
        Checkup checkup = new Checkup(engine);
        checkup.look();
        return checkup.checks;
    }

    /** Sums up: {@code ok}, {@code degraded} or {@code unhealthy}. */
    public static String status(List<Check> checks) {
        if (checks.stream().anyMatch(check -> check.status().equals("fail"))) {
            return "unhealthy";
        }
        return checks.stream().anyMatch(check -> check.status().equals("warn")) ? "degraded" : "ok";
    }

    private void look() {
        try {
            long begin = engine.clock().nanos();
            engine.ping();
            add("redis", "ok", "answered in " + (engine.clock().nanos() - begin) / 1_000 + " us");
            engine.findings()
                    .forEach(finding -> add("redis " + finding.check(), status(finding.level()), finding.message()));
        } catch (RedisException unreachable) {
            add("redis", "fail", String.valueOf(unreachable.getMessage()));
            return;
        }
        engine.queues().stream().limit(MOST_QUEUES).forEach(this::queue);
    }

    private static String status(Finding.Level level) {
        return switch (level) {
            case OK -> "ok";
            case WARNING -> "warn";
            case ERROR -> "fail";
        };
    }

    private void queue(String name) {
        QueueStats stats = engine.queue(name).stats();
        boolean stuck = stats.counts().waiting() > 0
                && stats.oldestWaitingMillis() > LONG_WAIT_MILLIS
                && !stats.paused()
                && !engine.worked(name);
        if (stuck) {
            add(
                    "queue " + name,
                    "warn",
                    stats.counts().waiting() + " jobs wait, the oldest for " + stats.oldestWaitingMillis() / 1_000
                            + " s, and no worker serves the queue; start one: penstock up --queues " + name);
        }
    }

    private void add(String name, String status, String detail) {
        checks.add(new Check(name, status, detail));
    }
}
