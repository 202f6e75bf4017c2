package io.penstock.server.monitor;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.monitor.Monitor;
import io.penstock.monitor.MonitorStatus;
import io.penstock.runtime.TaskStats;
import io.penstock.runtime.Timer;
import io.penstock.series.Window;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.QueueMetric;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Monitoring over HTTP: what it does and costs, which metrics there are, and the past of each. */
public final class MonitorApi {
    private static final Duration SPAN = Duration.ofHours(1);

    /** Names that a misspelt one is compared with. */
    private static final int MOST_COMPARED = 500;

    private final Monitor monitor;
    private final Timer timer;
    private final LiveSettings settings;

    public MonitorApi(Monitor monitor, Timer timer, LiveSettings settings) {
        this.monitor = monitor;
        this.timer = timer;
        this.settings = settings;
    }

    /** Returns all routes of monitoring. */
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/monitoring", call -> status()),
                Route.get("/api/v1/monitoring/series", this::list)
                        .query("prefix", "cursor", "limit")
                        .asNarrow(),
                Route.get("/api/v1/monitoring/series/{metric}", this::series)
                        .query("from", "to", "points")
                        .asNarrow());
    }

    private Reply status() {
        MonitorStatus status = monitor.status();
        Settings now = settings.now();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("enabled", status.enabled());
            json.writeNumberField("retainedBytes", status.retainedBytes());
            json.writeNumberField("maxBytes", status.maxBytes());
            json.writeNumberField("cpuShare", Math.round(status.cpuShare() * 1e7) / 1e7); // ours is below Json's digits
            json.writeObjectFieldStart("queues");
            json.writeNumberField("monitored", status.queues());
            json.writeNumberField("unmonitored", status.unmonitored());
            json.writeNumberField("most", status.mostQueues());
            json.writeNumberField("bytesEach", status.queueBytes());
            json.writeNumberField("skippedRounds", status.skipped());
            json.writeEndObject();
            json.writeArrayFieldStart("groups");
            for (MonitorStatus.Group group : status.groups()) {
                group(json, group);
            }
            json.writeEndArray();
            json.writeObjectFieldStart("visualization");
            json.writeBooleanField("enabled", status.history());
            json.writeNumberField("updateIntervalMillis", now.number(Setting.VISUALIZATION_UPDATE));
            json.writeNumberField("maxDataPoints", now.number(Setting.VISUALIZATION_POINTS));
            json.writeNumberField("samplingRate", now.number(Setting.VISUALIZATION_SAMPLING));
            json.writeEndObject();
            tasks(json);
            json.writeEndObject();
        });
    }

    private static void group(JsonGenerator json, MonitorStatus.Group group) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", group.name());
        json.writeNumberField("intervalMillis", group.intervalMillis());
        json.writeNumberField("metrics", group.metrics());
        json.writeNumberField("samples", group.samples());
        Json.instant(json, "lastSample", group.samples() == 0 ? null : Instant.ofEpochMilli(group.lastMillis()));
        Json.known(json, "lastMicros", group.micros());
        Json.known(json, "meanMicros", group.meanMicros());
        Json.known(json, "longestMicros", group.longestMicros());
        json.writeEndObject();
    }

    /** All that the one timer of this process runs, the dearest first. */
    private void tasks(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("timerTasks");
        List<TaskStats> all = timer.stats().stream()
                .sorted(Comparator.comparingLong(TaskStats::totalNanos).reversed())
                .toList();
        for (TaskStats task : all) {
            json.writeStartObject();
            json.writeStringField("name", task.name());
            json.writeNumberField("periodMillis", task.period().toMillis());
            json.writeBooleanField("running", task.running());
            Json.instant(json, "lastRunAt", task.lastRunAt());
            Json.instant(json, "nextDueAt", task.nextDueAt());
            json.writeNumberField("runs", task.runs());
            json.writeNumberField("failures", task.failures());
            json.writeNumberField("overruns", task.overruns());
            json.writeNumberField("totalNanos", task.totalNanos());
            json.writeNumberField("lastNanos", task.lastNanos());
            json.writeNumberField("longestNanos", task.longestNanos());
            json.writeNumberField("latestNanos", task.latestNanos());
            json.writeNumberField("jitterNanos", task.jitterNanos());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private Reply list(Call call) {
        String prefix = Objects.requireNonNullElse(call.query("prefix"), "");
        String cursor = Objects.requireNonNullElse(call.query("cursor"), "");
        int limit = call.limit();
        List<String> page = monitor.names().stream()
                .filter(name ->
                        name.startsWith(prefix) && name.compareTo(cursor) > 0 && QueueMetric.seen(call.caller(), name))
                .limit(limit + 1L)
                .toList();
        List<String> shown = page.size() > limit ? page.subList(0, limit) : page;
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", shown, name -> {
                json.writeStringField("metric", name);
                Json.known(json, "latest", monitor.latest(name));
            });
            Json.text(json, "next", page.size() > limit ? shown.get(limit - 1) : null);
            json.writeEndObject();
        });
    }

    private Reply series(Call call) {
        String metric = call.path("metric");
        QueueMetric.check(call.caller(), metric);
        long now = timer.clock().millis();
        long to = Given.moment(call, "to", now, now);
        long from = Given.moment(call, "from", now, to - SPAN.toMillis());
        Given.ordered(from, to);
        int most = settings.now().number(Setting.VISUALIZATION_POINTS);
        int least = settings.now().number(Setting.VISUALIZATION_SAMPLING);
        int points = call.query("points", most, 1, most);
        Window window =
                monitor.series(metric, from, to, points, least).orElseThrow(() -> unknown(call.caller(), metric));
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeStringField("metric", metric);
            Json.instant(json, "from", Instant.ofEpochMilli(from));
            Json.instant(json, "to", Instant.ofEpochMilli(to));
            json.writeNumberField("stepMillis", window.step().toMillis());
            Json.known(json, "latest", monitor.latest(metric));
            Json.objects(json, "points", window.points(), point -> {
                Json.instant(json, "timestamp", Instant.ofEpochMilli(point.millis()));
                json.writeNumberField("samples", point.samples());
                Json.known(json, "min", point.min()[0]);
                Json.known(json, "avg", point.avg()[0]);
                Json.known(json, "max", point.max()[0]);
            });
            json.writeEndObject();
        });
    }

    private Problem unknown(Caller caller, String metric) {
        Set<String> names = QueueMetric.seen(caller, monitor.names());
        if (names.contains(metric)) {
            return Problem.of(
                    ProblemType.NOT_FOUND,
                    "there is no past of metric \"" + Text.shown(metric)
                            + "\": visualization.enabled is false; its latest number is in /api/v1/monitoring/series");
        }
        String near = Text.nearest(metric, names.stream().limit(MOST_COMPARED).toList());
        String queues = metric.startsWith("queue.")
                ? "; " + monitor.status().unmonitored() + " queues have no history, see monitoring.maxMemoryMB"
                : "";
        return Problem.of(
                ProblemType.NOT_FOUND,
                "metric \"" + Text.shown(metric) + "\" does not exist; nothing was read; "
                        + (near == null ? "" : "did you mean \"" + near + "\"? ")
                        + "GET /api/v1/monitoring/series lists all" + queues);
    }
}
