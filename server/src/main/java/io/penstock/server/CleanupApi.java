package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.schedule.Cleanup;
import io.penstock.schedule.CleanupReport;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.io.IOException;
import java.time.LocalTime;
import java.util.List;
import java.util.Set;

/** The daily clean-up over HTTP: what it freed, and a run by hand. */
final class CleanupApi {
    private static final String PATH = "/api/v1/cleanups";

    private final Cleanup cleanup;

    CleanupApi(Cleanup cleanup, LiveSettings live) {
        this.cleanup = cleanup;
        live.obey(Set.of(Setting.CLEANUP_AT), this::obey);
    }

    private void obey(Settings settings) {
        String at = settings.text(Setting.CLEANUP_AT);
        cleanup.at(at.equals("off") ? null : LocalTime.parse(at));
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, call -> list()), Route.act(PATH, call -> run()).by(Access.ADMINISTER));
    }

    private Reply run() {
        if (!cleanup.runNow()) {
            throw Problem.of(
                    ProblemType.CONFLICT,
                    "a clean-up is running in this process; nothing was started; wait for its report");
        }
        return Reply.json(202, json -> {
            json.writeStartObject();
            json.writeBooleanField("running", true);
            json.writeEndObject();
        });
    }

    private Reply list() {
        List<CleanupReport> reports = cleanup.reports();
        boolean running = cleanup.busy();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("running", running);
            json.writeArrayFieldStart("items");
            for (CleanupReport report : reports) {
                write(json, report);
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, CleanupReport report) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", report.id());
        json.writeStringField("reason", report.reason());
        Json.instant(json, "startedAt", report.startedAt());
        json.writeNumberField("durationMillis", report.durationMillis());
        json.writeNumberField("queues", report.queues());
        json.writeNumberField("removed", report.removed());
        json.writeNumberField("freedBytes", report.freedBytes());
        json.writeBooleanField("success", report.success());
        Json.objects(json, "steps", report.steps(), step -> {
            json.writeStringField("name", step.name());
            json.writeNumberField("removed", step.removed());
            Json.known(json, "freedBytes", step.freedBytes());
            json.writeNumberField("durationMillis", step.durationMillis());
            json.writeBooleanField("ok", step.error() == null);
            Json.text(json, "error", step.error());
        });
        json.writeEndObject();
    }
}
