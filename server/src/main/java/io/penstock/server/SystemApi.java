package io.penstock.server;

import io.penstock.server.caller.Access;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.http.Traffic;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** What the server says about itself. */
final class SystemApi {
    /** How long an answer of Redis is good for /readyz, which anybody may ask as often as they like. */
    private static final long READY_NANOS = 1_000_000_000;

    private final Engine engine;
    private final Supplier<String> meters;
    private final Traffic traffic;
    private final Work work;
    private final Instant startedAt;
    private volatile Readiness readiness;

    private record Readiness(boolean ready, String reason, long untilNanos) {}

    /** @param meters gives all figures as Prometheus reads them */
    SystemApi(Engine engine, Supplier<String> meters, Traffic traffic, Work work) {
        this.engine = engine;
        this.meters = meters;
        this.traffic = traffic;
        this.work = work;
        this.startedAt = Instant.ofEpochMilli(engine.clock().millis());
        this.readiness = new Readiness(false, "not asked yet", engine.clock().nanos());
    }

    List<Route> routes() {
        return List.of(
                Route.get("/livez", call -> Reply.text("text/plain; charset=utf-8", "ok\n"))
                        .asOpen()
                        .asInstant(),
                Route.get("/readyz", call -> ready()).asOpen(),
                Route.get("/metrics", call -> metrics()),
                Route.get("/openapi.json", call -> Reply.of(200, "application/json", resource("openapi.json")))
                        .by(Access.KNOWN)
                        .asNarrow(),
                Route.get("/api/v1/info", this::info).asNarrow());
    }

    private Reply metrics() {
        return Reply.text("text/plain; version=0.0.4; charset=utf-8", meters.get());
    }

    private Reply ready() {
        Readiness known = readiness;
        long now = engine.clock().nanos();
        if (now - known.untilNanos() >= 0) {
            known = look(now);
            readiness = known;
        }
        if (traffic.closing()) {
            throw Problem.of(
                    ProblemType.SHUTTING_DOWN,
                    "the server is shutting down; send nothing; it will not come back by itself");
        }
        if (!known.ready()) {
            throw Problem.of(ProblemType.REDIS_UNREACHABLE, known.reason());
        }
        return Reply.text("text/plain; charset=utf-8", "ready\n");
    }

    private Readiness look(long now) {
        try {
            engine.ping();
            return new Readiness(true, "", now + READY_NANOS);
        } catch (RuntimeException unreachable) {
            return new Readiness(
                    false,
                    "Redis does not answer; jobs are neither taken nor accepted; start it or look at its address",
                    now + READY_NANOS);
        }
    }

    private Reply info(Call call) {
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeStringField("name", "penstock");
            json.writeStringField("version", Version.text());
            json.writeStringField("java", Runtime.version().toString());
            json.writeStringField("startedAt", startedAt.toString());
            json.writeNumberField("uptimeMillis", Math.max(0, engine.clock().millis() - startedAt.toEpochMilli()));
            json.writeStringField("redis", engine.redis().config().shown());
            json.writeArrayFieldStart("handlers");
            for (String type : work.types()) {
                json.writeString(type);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("queues");
            for (String queue : work.queues()) {
                if (call.caller().sees(queue)) {
                    json.writeString(queue);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    static byte[] resource(String name) {
        try (InputStream in = SystemApi.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is not in the jar");
            }
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException("resource " + name + " cannot be read", broken);
        }
    }
}
