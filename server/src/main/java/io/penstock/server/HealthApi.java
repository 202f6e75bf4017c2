package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.database.DatabaseHealth;
import io.penstock.database.DatabaseStatus;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemoryStatus;
import io.penstock.runtime.Health;
import io.penstock.server.engine.Checkup;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redis.RedisApi;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How all that the server stands on does, and what an operator should know: 200, or 503 when it is unhealthy. */
final class HealthApi {
    private final Engine engine;
    private final @Nullable DatabaseHealth database;

    HealthApi(Engine engine, @Nullable DatabaseHealth database) {
        this.engine = engine;
        this.database = database;
    }

    Route route() {
        return Route.get("/api/v1/health", call -> health());
    }

    private Reply health() {
        List<Checkup.Check> checks = Checkup.of(engine);
        MemoryStatus memory = engine.memory().status();
        Health redis = engine.redisHealth().health();
        DatabaseStatus sql = database == null ? null : database.status();
        Health.Status worst = worst(of(Checkup.status(checks)), redis.status(), of(memory));
        Health.Status all = sql == null ? worst : worst(worst, sql.health().status());
        return Reply.json(all == Health.Status.DOWN ? 503 : 200, json -> {
            json.writeStartObject();
            json.writeStringField("status", word(all));
            json.writeObjectFieldStart("services");
            json.writeObjectFieldStart("redis");
            RedisApi.health(json, redis);
            json.writeEndObject();
            json.writeObjectFieldStart("memory");
            json.writeStringField("status", of(memory).name());
            json.writeStringField("reason", String.join("; ", memory.issues()));
            json.writeEndObject();
            if (sql != null) {
                database(json, sql);
            }
            json.writeEndObject();
            checks(json, checks);
            json.writeEndObject();
        });
    }

    private static void database(JsonGenerator json, DatabaseStatus sql) throws IOException {
        json.writeObjectFieldStart("database");
        RedisApi.health(json, sql.health());
        Json.instant(json, "lookedAt", sql.lookedAt());
        json.writeStringField("product", sql.product());
        json.writeStringField("version", sql.version());
        Json.known(json, "acquireMillis", sql.acquireMillis());
        Json.known(json, "latencyMillis", sql.ewmaMillis());
        json.writeBooleanField("readOnly", sql.readOnly());
        json.writeEndObject();
    }

    private static void checks(JsonGenerator json, List<Checkup.Check> checks) throws IOException {
        Json.objects(json, "checks", checks, check -> {
            json.writeStringField("name", check.name());
            json.writeStringField("status", check.status());
            json.writeStringField("detail", check.detail());
        });
    }

    private static Health.Status worst(Health.Status... all) {
        Health.Status worst = Health.Status.UP;
        for (Health.Status each : all) {
            worst = each.compareTo(worst) > 0 ? each : worst;
        }
        return worst;
    }

    private static Health.Status of(MemoryStatus memory) {
        if (memory.sample().level().atLeast(MemoryLevel.CRITICAL)) {
            return Health.Status.DOWN;
        }
        return memory.healthy() ? Health.Status.UP : Health.Status.DEGRADED;
    }

    private static Health.Status of(String word) {
        return switch (word) {
            case "ok" -> Health.Status.UP;
            case "degraded" -> Health.Status.DEGRADED;
            default -> Health.Status.DOWN;
        };
    }

    private static String word(Health.Status status) {
        return switch (status) {
            case UP -> "ok";
            case DEGRADED -> "degraded";
            case DOWN -> "unhealthy";
        };
    }
}
