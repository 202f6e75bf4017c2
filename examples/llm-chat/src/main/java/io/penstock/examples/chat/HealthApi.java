package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.database.DatabaseHealth;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemorySample;
import io.penstock.queue.QueueStats;
import io.penstock.runtime.Health;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the application does: Redis, database, memory, queues, models. All of it is what Penstock knows anyway. */
final class HealthApi {
    private final Penstock penstock;
    private final DatabaseHealth database;

    HealthApi(Penstock penstock, DatabaseHealth database) {
        this.penstock = penstock;
        this.database = database;
    }

    void route(Front front) {
        front.route("GET /api/health", this::show);
    }

    private void show(Request request) {
        MemorySample memory = penstock.memory().monitor().sample();
        Health redis = penstock.redisHealth().health();
        Health sql = database.status().health();
        boolean down = redis.status() == Health.Status.DOWN || sql.status() == Health.Status.DOWN;
        boolean tight = memory.level().atLeast(MemoryLevel.HIGH);
        boolean degraded = tight || redis.status() != Health.Status.UP || sql.status() != Health.Status.UP;
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("status", down ? "unhealthy" : degraded ? "degraded" : "ok");
        all.put("redis", shown(redis));
        all.put("database", shown(sql));
        all.put("memory", shown(memory));
        Map<String, Object> queues = new LinkedHashMap<>();
        for (String name : List.of(ChatTurn.TYPE.queue(), Mail.TYPE.queue(), ChatApp.WEBHOOK.queue())) {
            queues.put(name, down ? Map.of() : shown(penstock.queue(name).stats()));
        }
        all.put("queues", queues);
        Map<String, Object> models = new LinkedHashMap<>();
        penstock.resilience()
                .stats()
                .forEach(call -> models.put(
                        call.name(),
                        Map.of(
                                "breaker",
                                call.breaker(),
                                "calls",
                                call.calls(),
                                "failed",
                                call.failed(),
                                "refused",
                                call.refused())));
        all.put("models", models);
        all.put("listeners", penstock.feeds().size());
        all.put("timerTasks", penstock.timer().stats().size());
        all.put("connections", penstock.redis().connections());
        request.answer(down ? 503 : 200, all);
    }

    private static Map<String, Object> shown(Health health) {
        return Map.of("status", health.status().name().toLowerCase(Locale.ROOT), "reason", health.reason());
    }

    private static Map<String, Object> shown(MemorySample memory) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("level", memory.level().name().toLowerCase(Locale.ROOT));
        shown.put("heapUsedBytes", memory.heapUsedBytes());
        shown.put("heapMaxBytes", memory.heapMaxBytes());
        shown.put("liveSetBytes", memory.liveSetBytes());
        shown.put("rssBytes", memory.rssBytes());
        shown.put("threads", memory.threads());
        return shown;
    }

    private static Map<String, Object> shown(QueueStats queue) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("waiting", queue.counts().waiting());
        shown.put("delayed", queue.counts().delayed());
        shown.put("active", queue.counts().active());
        shown.put("completed", queue.completedTotal());
        shown.put("failed", queue.failedTotal());
        shown.put("oldestWaitingMillis", queue.oldestWaitingMillis());
        return shown;
    }
}
