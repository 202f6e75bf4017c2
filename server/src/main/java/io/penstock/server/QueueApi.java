package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.JobState;
import io.penstock.queue.FsckReport;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.QueueStats;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Queues over HTTP: how they stand, what is set about them, and the four verbs of an operator. */
final class QueueApi {
    /** Queues shown on one page; the statistics of each cost a round trip. */
    private static final int PAGE = 100;

    /** Index entries and jobs that one fsck looks at unless told: about 2 s. */
    private static final int FSCK_BUDGET = 100_000;

    /** Looks at settings that others change at the same time. */
    private static final int MOST_TRIES = 5;

    private final Engine engine;
    private final Consumer<String> letGo;

    /** @param letGo ends the idle leases that this server itself holds of a queue */
    QueueApi(Engine engine, Consumer<String> letGo) {
        this.engine = engine;
        this.letGo = letGo;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/queues", this::list).query("cursor", "limit").asNarrow(),
                Route.get("/api/v1/queues/{queue}", this::get),
                Route.put("/api/v1/queues/{queue}", this::put),
                Route.patch("/api/v1/queues/{queue}", this::patch),
                Route.delete("/api/v1/queues/{queue}", this::delete).query("force"),
                Route.act("/api/v1/queues/{queue}:pause", call -> act(call, engine::pause)),
                Route.act("/api/v1/queues/{queue}:resume", call -> act(call, engine::resume)),
                Route.act("/api/v1/queues/{queue}:drain", call -> act(call, engine::drain)),
                Route.post("/api/v1/queues/{queue}:purge", this::purge),
                Route.post("/api/v1/queues/{queue}:fsck", this::fsck),
                Route.act("/api/v1/queues:recover", call -> recover()),
                Route.get("/api/v1/queues/{queue}/stats", this::stats));
    }

    private Reply list(Call call) {
        List<String> names =
                engine.queues().stream().filter(call.caller()::sees).toList();
        String cursor = call.query("cursor");
        List<String> after = cursor == null
                ? names
                : names.stream()
                        .filter(name -> name.compareTo(Given.queue(cursor)) > 0)
                        .toList();
        List<String> page = after.stream().limit(Math.min(PAGE, call.limit())).toList();
        List<Engine.QueueView> views = page.stream().map(engine::queue).toList();
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", views, view -> {
                figures(json, view);
            });
            Json.text(json, "next", after.size() > page.size() ? page.get(page.size() - 1) : null);
            json.writeEndObject();
        });
    }

    /** @throws Problem NOT_FOUND if no job and no setting ever made such a queue */
    private String existing(Call call) {
        String name = Given.queue(call);
        if (!engine.exists(name)) {
            throw Problem.notFound("queue", name);
        }
        return name;
    }

    private Reply get(Call call) {
        return shown(existing(call));
    }

    private Reply shown(String name) {
        Engine.QueueView view = engine.queue(name);
        QueueSettings settings = engine.settings(name);
        return Reply.ok(json -> {
                    json.writeStartObject();
                    figures(json, view);
                    json.writeFieldName("settings");
                    QueueSettingsJson.write(json, settings);
                    json.writeEndObject();
                })
                .header("ETag", tag(settings));
    }

    /** The tag covers the settings: they are what a client may overwrite by mistake, figures change all the time. */
    private static String tag(QueueSettings settings) {
        return '"' + Digest.hex(settings.toString(), 8) + '"';
    }

    static void figures(JsonGenerator json, Engine.QueueView view) throws IOException {
        QueueStats stats = view.stats();
        json.writeStringField("name", stats.name());
        json.writeStringField("status", view.status());
        json.writeObjectFieldStart("counts");
        for (JobState state : JobState.values()) {
            json.writeNumberField(state.wire(), stats.counts().of(state));
        }
        json.writeEndObject();
        json.writeNumberField("oldestWaitingMillis", stats.oldestWaitingMillis());
        json.writeNumberField("throughputPerSecond", view.throughputPerSecond());
        json.writeNumberField("avgProcessingMillis", Math.round(stats.avgRunMillis() * 100) / 100.0);
        json.writeNumberField("errorRate", Math.round(stats.errorShare() * 1e6) / 1e6);
        json.writeNumberField("bytes", stats.bytes() + stats.keptBytes());
    }

    private Reply put(Call call) {
        return configure(call, Given.queue(call), true);
    }

    private Reply patch(Call call) {
        return configure(call, existing(call), false);
    }

    /** Looks, changes and has Redis compare; who was overtaken looks again, so that no change of others is lost. */
    private Reply configure(Call call, String name, boolean whole) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            QueueSettings seen = engine.settings(name);
            QueueSettings base = whole ? QueueSettings.DEFAULT : seen;
            QueueSettings wished = QueueSettingsJson.read(Json.value(Slice.of(call.body())), base);
            Precondition.check(call, tag(seen));
            if (engine.configure(name, seen, wished)) {
                return shown(name);
            }
        }
        throw Problem.of(
                ProblemType.CONFLICT,
                "queue " + name + " is being set by others all the time; nothing was done; try again in a second");
    }

    private static boolean flag(Call call, String name) {
        String text = call.query(name);
        if (text != null && !text.equals("true") && !text.equals("false")) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter " + name + " \"" + Text.shown(text)
                            + "\" is neither true nor false; nothing was done; send one of them");
        }
        return "true".equals(text);
    }

    private Reply delete(Call call) {
        String name = existing(call);
        letGo.accept(name);
        engine.delete(name, flag(call, "force"));
        return Reply.noContent();
    }

    private interface Act {
        void on(String queue);
    }

    private Reply act(Call call, Act act) {
        String name = Given.queue(call);
        act.on(name);
        return shown(name);
    }

    private Reply purge(Call call) {
        String name = existing(call);
        JobState state = JobState.WAITING;
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("state"));
            String wire = fields.text("state");
            state = wire == null ? state : fields.guarded("state", () -> JobState.of(wire));
        }
        if (state == JobState.ACTIVE || state == JobState.BLOCKED) {
            throw Problem.invalid(
                    "/state",
                    "jobs that are " + state.wire()
                            + " cannot be purged; nothing was done; use waiting, delayed, completed, failed or cancelled");
        }
        long removed = engine.purge(name, state);
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeNumberField("removed", removed);
            json.writeEndObject();
        });
    }

    /** @throws Problem NOT_FOUND if there is no such queue, not even one whose name was lost */
    private Reply fsck(Call call) {
        String name = existing(call);
        boolean repair = false;
        int budget = FSCK_BUDGET;
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("repair", "budget"));
            repair = Boolean.TRUE.equals(fields.flag("repair"));
            Integer given = fields.count("budget", 100, 1_000_000);
            budget = given == null ? budget : given;
        }
        FsckReport report = engine.fsck(name, budget, repair);
        boolean mended = repair;
        return Reply.ok(json -> written(json, name, mended, report));
    }

    private static void written(JsonGenerator json, String name, boolean repaired, FsckReport report)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("queue", name);
        json.writeBooleanField("repaired", repaired);
        json.writeBooleanField("clean", report.clean());
        json.writeNumberField("looked", report.looked());
        json.writeNumberField("faults", report.mended());
        json.writeNumberField("dropped", report.dropped());
        json.writeNumberField("restored", report.restored());
        json.writeNumberField("indexed", report.indexed());
        json.writeNumberField("orphaned", report.orphaned());
        json.writeNumberField("keys", report.keys());
        json.writeNumberField("stale", report.stale());
        json.writeNumberField("quarantined", report.quarantined());
        json.writeNumberField("corrected", report.corrected());
        json.writeNumberField("flows", report.flows());
        json.writeArrayFieldStart("unchecked");
        for (String what : report.unchecked()) {
            json.writeString(what);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private Reply recover() {
        Set<String> names = engine.recover();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("queues");
            for (String name : names) {
                json.writeString(name);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private Reply stats(Call call) {
        Engine.QueueView view = engine.queue(existing(call));
        QueueStats stats = view.stats();
        return Reply.ok(json -> {
            json.writeStartObject();
            figures(json, view);
            json.writeNumberField("pendingBytes", stats.bytes());
            json.writeNumberField("keptBytes", stats.keptBytes());
            json.writeNumberField("addedTotal", stats.addedTotal());
            json.writeNumberField("completedTotal", stats.completedTotal());
            json.writeNumberField("failedTotal", stats.failedTotal());
            json.writeNumberField("cancelledTotal", stats.cancelledTotal());
            json.writeNumberField("retriedTotal", stats.retriedTotal());
            json.writeNumberField("runMillisTotal", stats.runMillisTotal());
            json.writeEndObject();
        });
    }
}
