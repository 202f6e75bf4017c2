package io.penstock.server.alert;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.alert.AlertRule;
import io.penstock.alert.Alerts;
import io.penstock.alert.RuleStatus;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Alert rules over HTTP: read, written whole, deleted, and asked why they do what they do. */
final class RuleApi {
    private static final String PATH = "/api/v1/alert-rules";

    /** Looks at a rule that others change at the same time. */
    private static final int MOST_TRIES = 5;

    private final Alerts alerts;

    RuleApi(Alerts alerts) {
        this.alerts = alerts;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, this::list).query("cursor", "limit"),
                Route.get(PATH + "/{id}", this::get),
                Route.put(PATH + "/{id}", this::put).by(Access.ADMINISTER),
                Route.delete(PATH + "/{id}", this::delete));
    }

    private static String id(Call call) {
        return Given.checked("alert rule", call.path("id"));
    }

    /** No rule has this tag, so that whoever names one of a rule that is gone is told so. */
    private static String tag(@Nullable AlertRule rule) {
        return '"' + (rule == null ? "none" : Digest.hex(rule.toString(), 8)) + '"';
    }

    private Reply list(Call call) {
        String cursor = call.query("cursor");
        List<AlertRule> left = alerts.rules().stream()
                .filter(rule -> cursor == null || rule.id().compareTo(cursor) > 0)
                .toList();
        List<AlertRule> page = left.stream().limit(call.limit()).toList();
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", page, rule -> {
                RuleJson.write(json, rule, alerts.origin(rule));
            });
            Json.text(
                    json,
                    "next",
                    left.size() > page.size() ? page.get(page.size() - 1).id() : null);
            json.writeEndObject();
        });
    }

    private Reply get(Call call) {
        return shown(200, id(call));
    }

    private Reply shown(int status, String id) {
        Optional<RuleStatus> known = alerts.status(id);
        RuleStatus rule = known.orElseThrow(() -> Problem.notFound("alert rule", Text.shown(id)));
        return Reply.json(status, json -> {
                    json.writeStartObject();
                    RuleJson.write(json, rule.rule(), rule.origin());
                    status(json, rule);
                    json.writeEndObject();
                })
                .header("ETag", tag(rule.rule()));
    }

    private static void status(JsonGenerator json, RuleStatus status) throws IOException {
        json.writeObjectFieldStart("status");
        Json.text(json, "evaluatedBy", status.evaluatedBy());
        Json.instant(json, "evaluatedAt", status.evaluatedAt());
        Json.objects(json, "metrics", status.metrics(), line -> {
            json.writeStringField("metric", line.metric());
            Json.text(json, "process", line.process().isEmpty() ? null : line.process());
            json.writeStringField("alert", line.alert());
            Json.text(json, "state", line.state() == null ? null : line.state().wire());
            Json.rounded(json, "value", line.value());
            Json.instant(json, "since", line.since());
            Json.instant(json, "pendingUntil", line.pendingUntil());
            json.writeStringField("reason", line.reason());
        });
        json.writeNumberField("more", status.more());
        json.writeEndObject();
    }

    /** Looks, and has Redis compare; who was overtaken looks again, and so does the precondition. */
    private Reply put(Call call) {
        String id = id(call);
        AlertRule wished = RuleJson.read(id, Json.value(Slice.of(call.body())));
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            AlertRule seen = alerts.rule(id).orElse(null);
            Precondition.check(call, tag(seen));
            try {
                if (alerts.put(seen, wished)) {
                    return shown(seen == null ? 201 : 200, id);
                }
            } catch (IllegalStateException full) {
                throw Problem.of(ProblemType.CONFLICT, String.valueOf(full.getMessage()));
            }
        }
        throw overtaken(id);
    }

    private Reply delete(Call call) {
        String id = id(call);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            AlertRule seen = alerts.rule(id).orElseThrow(() -> Problem.notFound("alert rule", Text.shown(id)));
            Precondition.check(call, tag(seen));
            try {
                if (alerts.delete(seen)) {
                    return Reply.noContent();
                }
            } catch (IllegalStateException standard) {
                throw Problem.of(ProblemType.CONFLICT, String.valueOf(standard.getMessage()));
            }
        }
        throw overtaken(id);
    }

    private static Problem overtaken(String id) {
        return Problem.of(
                ProblemType.CONFLICT,
                "alert rule " + id
                        + " is being changed by others all the time; nothing was done; try again in a second");
    }
}
