package io.penstock.server.memory;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.MemoryHistory;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemoryStatus;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.runtime.Clock;
import io.penstock.series.Window;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Memory over HTTP: how it stands, stood and is going; the rest of its routes are in parts of their own. */
public final class MemoryApi {
    private static final int POINTS = 200;
    private static final Duration SPAN = Duration.ofHours(1);

    private final MemoryGovernor memory;
    private final Clock clock;
    private final PolicyApi policies;
    private final OptimisationApi optimisations;
    private final SnapshotApi snapshots;
    private final EvidenceApi evidence;

    /** @param kept where the policy is kept */
    public MemoryApi(MemoryGovernor memory, Clock clock, LiveSettings kept) {
        this.memory = memory;
        this.clock = clock;
        this.policies = new PolicyApi(memory, kept);
        this.optimisations = new OptimisationApi(memory);
        this.snapshots = new SnapshotApi(memory, clock);
        this.evidence = new EvidenceApi(memory, clock, kept.now());
    }

    /** Returns all routes of memory. */
    public List<Route> routes() {
        List<Route> routes = new ArrayList<>(List.of(
                Route.get("/api/v1/memory", call -> status()).asNarrow(),
                Route.get("/api/v1/memory/history", this::history)
                        .query("from", "to", "points")
                        .asNarrow(),
                Route.get("/api/v1/memory/trend", call -> trend()).asNarrow(),
                Route.get("/api/v1/admission", call -> admission()).asNarrow()));
        routes.addAll(snapshots.routes());
        routes.addAll(evidence.routes());
        routes.addAll(optimisations.routes());
        routes.addAll(policies.routes());
        return routes;
    }

    private Reply trend() {
        return Reply.ok(json -> LeakJson.trend(json, memory.leaks().report().trend()));
    }

    private Reply admission() {
        return Reply.ok(json -> AdmissionJson.write(json, memory.line().stats()));
    }

    /** Returns all that is known of memory now. */
    public Reply status() {
        MemoryStatus status = memory.status();
        return Reply.ok(json -> status(json, status));
    }

    private void status(JsonGenerator json, MemoryStatus status) throws IOException {
        json.writeStartObject();
        json.writeBooleanField("enabled", status.policy().enabled());
        json.writeStringField("level", status.sample().level().name());
        json.writeFieldName("sample");
        SampleJson.write(json, status.sample());
        json.writeFieldName("trend");
        LeakJson.trend(json, status.leak().trend());
        json.writeFieldName("leak");
        LeakJson.leak(json, status.leak());
        json.writeFieldName("optimization");
        List<Optimisation> last = memory.optimisations(1);
        ReportJson.stats(
                json,
                memory.optimiser(),
                status.optimisation(),
                status.optimises(),
                last.isEmpty() ? null : last.get(0));
        json.writeObjectFieldStart("health");
        json.writeStringField("status", health(status));
        LeakJson.texts(json, "issues", status.issues());
        json.writeEndObject();
        LeakJson.texts(json, "recommendations", status.recommendations());
        json.writeFieldName("admission");
        AdmissionJson.write(json, status.admission());
        json.writeFieldName("monitor");
        SampleJson.monitor(json, status.monitor());
        json.writeEndObject();
    }

    /** The words of the health of the whole server. */
    private static String health(MemoryStatus status) {
        if (status.sample().level().atLeast(MemoryLevel.CRITICAL)) {
            return "unhealthy";
        }
        return status.healthy() ? "ok" : "degraded";
    }

    private Reply history(Call call) {
        long now = clock.millis();
        long to = Given.moment(call, "to", now, now);
        long from = Given.moment(call, "from", now, to - SPAN.toMillis());
        Given.ordered(from, to);
        int points = call.query("points", POINTS, 1, MemoryHistory.POINTS);
        Window window = memory.monitor().history().query(from, to, points);
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.instant(json, "from", Instant.ofEpochMilli(from));
            Json.instant(json, "to", Instant.ofEpochMilli(to));
            Json.known(json, "stepMillis", window.step().toMillis());
            LeakJson.texts(json, "columns", window.columns());
            json.writeArrayFieldStart("points");
            for (Window.Point point : window.points()) {
                point(json, window.columns(), point);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** The mean under the plain name; least and most only where several readings were folded. */
    private static void point(JsonGenerator json, List<String> columns, Window.Point point) throws IOException {
        json.writeStartObject();
        Json.instant(json, "timestamp", Instant.ofEpochMilli(point.millis()));
        json.writeNumberField("samples", point.samples());
        numbers(json, columns, point.avg());
        if (point.samples() > 1) {
            json.writeObjectFieldStart("min");
            numbers(json, columns, point.min());
            json.writeEndObject();
            json.writeObjectFieldStart("max");
            numbers(json, columns, point.max());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void numbers(JsonGenerator json, List<String> columns, double[] values) throws IOException {
        for (int i = 0; i < values.length; i++) {
            String name = columns.get(i);
            if (name.endsWith("Bytes") && Double.isFinite(values[i])) {
                Json.known(json, name, Math.round(values[i]));
            } else {
                Json.known(json, name, values[i]);
            }
        }
    }
}
