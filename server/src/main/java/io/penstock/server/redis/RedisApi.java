package io.penstock.server.redis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.redis.LatencyStats;
import io.penstock.redis.PoolStats;
import io.penstock.redis.RedisStatus;
import io.penstock.redis.RedisStatus.SlowCommand;
import io.penstock.runtime.Health;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.List;

/** Redis over HTTP: its health, the dedicated connections, and how fast it answers. Never asks Redis: also when it is down. */
public final class RedisApi {
    private final Engine engine;

    public RedisApi(Engine engine) {
        this.engine = engine;
    }

    /** Returns all routes about Redis. */
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/redis", call -> status(call.caller()))
                        .asInstant()
                        .asNarrow(),
                Route.get("/api/v1/redis/pool", call -> pool()).asInstant().asNarrow(),
                Route.get("/api/v1/redis/latency", call -> latency())
                        .asInstant()
                        .asNarrow());
    }

    /** Returns how Redis does. */
    public Reply status(Caller caller) {
        RedisStatus status = engine.redisHealth().status();
        return Reply.ok(json -> {
            json.writeStartObject();
            health(json, status.health());
            Json.instant(json, "lookedAt", status.lookedAt());
            json.writeStringField("address", engine.redis().config().shown());
            json.writeBooleanField("connected", engine.redis().connected());
            json.writeNumberField("connections", engine.redis().connections());
            json.writeFieldName("latency");
            latency(json, status.latency());
            memory(json, status);
            json.writeObjectFieldStart("replication");
            json.writeStringField("role", status.role());
            json.writeBooleanField("primaryLinkUp", status.primaryLinkUp());
            json.writeNumberField("replicas", status.replicas());
            json.writeEndObject();
            json.writeStringField("persistence", status.persistence());
            json.writeNumberField("clients", status.connectedClients());
            slowlog(json, status, caller);
            json.writeEndObject();
        });
    }

    /** Writes the fields of a health into an object that is open. */
    public static void health(JsonGenerator json, Health health) throws IOException {
        json.writeStringField("status", health.status().name());
        json.writeStringField("reason", health.reason());
        Json.instant(json, "since", health.since());
        json.writeNumberField("consecutiveFailures", health.consecutiveFailures());
    }

    private static void memory(JsonGenerator json, RedisStatus status) throws IOException {
        json.writeObjectFieldStart("memory");
        long most = status.maxMemoryBytes();
        json.writeNumberField("usedBytes", status.usedMemoryBytes());
        Json.known(json, "maxBytes", most == 0 ? -1 : most);
        Json.known(json, "share", most == 0 ? -1 : (double) status.usedMemoryBytes() / most);
        json.writeNumberField("evictedKeys", status.evictedKeys());
        json.writeNumberField("evictedSinceLast", status.evictedSinceLast());
        json.writeEndObject();
    }

    private static void slowlog(JsonGenerator json, RedisStatus status, Caller caller) throws IOException {
        json.writeObjectFieldStart("slowlog");
        json.writeNumberField("sinceLast", status.slowSinceLast());
        Json.objects(json, "slowest", caller.narrowed() ? List.<SlowCommand>of() : status.slowest(), slow -> {
            json.writeNumberField("id", slow.id());
            Json.instant(json, "at", slow.at());
            json.writeNumberField("micros", slow.micros());
            json.writeStringField("command", words(slow.text()));
        });
        json.writeEndObject();
    }

    /** The command and its first key: what follows may be a payload, which is not for everybody who looks at health. */
    static String words(String text) {
        String[] words = text.split(" ", -1);
        int most = words[0].regionMatches(true, 0, "EVAL", 0, 4) ? 4 : 2;
        return words.length <= most ? text : String.join(" ", List.of(words).subList(0, most)) + " ...";
    }

    /** Returns how the pool of dedicated connections does. */
    public Reply pool() {
        PoolStats pool = engine.redisPool().stats();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeNumberField("total", pool.total());
            json.writeNumberField("active", pool.active());
            json.writeNumberField("idle", pool.idle());
            json.writeNumberField("waiting", pool.waiting());
            json.writeNumberField("max", pool.max());
            json.writeNumberField("min", pool.min());
            Json.known(json, "avgAcquireMillis", pool.avgAcquireMillis());
            Json.known(json, "avgResponseMillis", pool.avgResponseMillis());
            json.writeNumberField("timeouts", pool.timeouts());
            json.writeEndObject();
        });
    }

    private Reply latency() {
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeFieldName("command");
            latency(json, engine.redisHealth().latency());
            json.writeFieldName("acquire");
            latency(json, engine.redisPool().acquireLatency());
            Json.objects(json, "recent", engine.redisHealth().recent(), look -> {
                Json.instant(json, "timestamp", look.at());
                Json.known(json, "meanMillis", look.meanMillis());
                Json.known(json, "p99Millis", look.p99Millis());
                Json.known(json, "maxMillis", look.maxMillis());
            });
            json.writeEndObject();
        });
    }

    private static void latency(JsonGenerator json, LatencyStats stats) throws IOException {
        json.writeStartObject();
        Json.known(json, "ewmaMillis", stats.ewmaMillis());
        Json.known(json, "p50Millis", stats.p50Millis());
        Json.known(json, "p95Millis", stats.p95Millis());
        Json.known(json, "p99Millis", stats.p99Millis());
        Json.known(json, "maxMillis", stats.maxMillis());
        json.writeNumberField("count", stats.count());
        json.writeNumberField("totalCount", stats.totalCount());
        json.writeEndObject();
    }
}
