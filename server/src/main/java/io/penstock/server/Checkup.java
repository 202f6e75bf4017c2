package io.penstock.server;

import io.penstock.queue.QueueStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks at Redis, queues and workers for what an operator should know, each finding with what to do about it. */
final class Checkup {
    /** Queues looked at; each costs two round trips. */
    private static final int MOST_QUEUES = 50;

    private static final double FULL_SHARE = 0.9;

    /** Jobs that wait this long without any worker are a mistake rather than a start. */
    private static final long LONG_WAIT_MILLIS = 30_000;

    private final Engine engine;
    private final List<Check> checks = new ArrayList<>();

    /**
     * One finding.
     *
     * @param status {@code ok}, {@code warn} or {@code fail}
     */
    record Check(String name, String status, String detail, @Nullable String advice) {}

    private Checkup(Engine engine) {
        this.engine = engine;
    }

    static List<Check> of(Engine engine) {
        Checkup checkup = new Checkup(engine);
        checkup.look();
        return checkup.checks;
    }

    /** Sums up: {@code ok}, {@code degraded} or {@code unhealthy}. */
    static String status(List<Check> checks) {
        if (checks.stream().anyMatch(check -> check.status().equals("fail"))) {
            return "unhealthy";
        }
        return checks.stream().anyMatch(check -> check.status().equals("warn")) ? "degraded" : "ok";
    }

    private void look() {
        Map<String, String> info;
        try {
            long begin = engine.clock().nanos();
            engine.ping();
            long micros = (engine.clock().nanos() - begin) / 1_000;
            info = engine.redisInfo();
            ok("redis", info.getOrDefault("redis_version", "unknown version") + ", answered in " + micros + " us");
        } catch (RuntimeException unreachable) {
            fail("redis", String.valueOf(unreachable.getMessage()), "start Redis or look at its address");
            return;
        }
        persistence(info);
        memory(info);
        engine.queues().stream().limit(MOST_QUEUES).forEach(this::queue);
    }

    private void persistence(Map<String, String> info) {
        if (info.getOrDefault("aof_enabled", "0").equals("1")) {
            ok("redis persistence", "append-only file on");
        } else {
            warn("redis persistence", "append-only file off: a restart of Redis loses jobs", "set appendonly yes");
        }
    }

    private void memory(Map<String, String> info) {
        String policy = info.getOrDefault("maxmemory_policy", "unknown");
        if (policy.equals("noeviction")) {
            ok("redis eviction", policy);
        } else {
            fail("redis eviction", policy + ": Redis may throw jobs away when it is full", "set maxmemory-policy noeviction");
        }
        double used = number(info, "used_memory");
        double most = number(info, "maxmemory");
        if (most > 0 && used / most > FULL_SHARE) {
            warn("redis memory", Math.round(used / most * 100) + "% of maxmemory is used", "raise maxmemory or drain queues");
        }
    }

    private static double number(Map<String, String> info, String key) {
        String text = info.getOrDefault(key, "");
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    private void queue(String name) {
        QueueStats stats = engine.queue(name).stats();
        boolean stuck = stats.counts().waiting() > 0
                && stats.oldestWaitingMillis() > LONG_WAIT_MILLIS
                && !stats.paused()
                && !engine.worked(name);
        if (stuck) {
            warn(
                    "queue " + name,
                    stats.counts().waiting() + " jobs wait, the oldest for " + stats.oldestWaitingMillis() / 1_000
                            + " s, and no worker serves the queue",
                    "start a worker for it: penstock up --queues " + name);
        }
    }

    private void ok(String name, String detail) {
        checks.add(new Check(name, "ok", detail, null));
    }

    private void warn(String name, String detail, String advice) {
        checks.add(new Check(name, "warn", detail, advice));
    }

    private void fail(String name, String detail, String advice) {
        checks.add(new Check(name, "fail", detail, advice));
    }
}
