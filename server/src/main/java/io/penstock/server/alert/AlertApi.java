package io.penstock.server.alert;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.alert.Alert;
import io.penstock.alert.AlertPage;
import io.penstock.alert.AlertState;
import io.penstock.alert.Alerts;
import io.penstock.notice.Severity;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.QueueMetric;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Alerts over HTTP: what is wrong, was wrong, and what people say of it; the rules are in a part of their own. */
public final class AlertApi {
    private static final String PATH = "/api/v1/alerts";
    private static final List<String> SEVERITIES =
            Arrays.stream(Severity.values()).map(Severity::wire).toList();

    /** So long a silence needs no sum that could overflow; the alerts themselves allow less. */
    private static final Duration LONGEST_SPAN = Duration.ofDays(365);

    private final Alerts alerts;
    private final Clock clock;
    private final RuleApi rules;

    public AlertApi(Alerts alerts, Clock clock) {
        this.alerts = alerts;
        this.clock = clock;
        this.rules = new RuleApi(alerts);
    }

    /** Returns all routes of alerts and their rules. */
    public List<Route> routes() {
        List<Route> routes = new ArrayList<>(List.of(
                Route.get(PATH, this::list)
                        .query("state", "severity", "cursor", "limit")
                        .asNarrow(),
                Route.act(PATH + "/{id}:ack", this::acknowledge).asNarrow(),
                Route.post(PATH + "/{id}:silence", this::silence).asNarrow()));
        routes.addAll(rules.routes());
        return routes;
    }

    /** Without a state: those that are not over. Those that are come from a memory of their own. */
    private Reply list(Call call) {
        String state = word(call, "state", AlertState.words());
        String severity = word(call, "severity", SEVERITIES);
        Predicate<Alert> wanted =
                alert -> (state == null || alert.state().wire().equals(state))
                        && (severity == null || alert.severity().wire().equals(severity))
                        && QueueMetric.seen(call.caller(), alert.metric());
        String cursor = call.query("cursor");
        boolean over = AlertState.RESOLVED.wire().equals(state);
        if (cursor != null && !over && !cursor.matches("\\d:[A-Za-z0-9._-]{1,80}")) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter cursor is not one that this route gave; nothing was read; begin without one");
        }
        AlertPage page;
        try {
            page = over ? alerts.past(wanted, cursor, call.limit()) : alerts.active(wanted, cursor, call.limit());
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(foreign.getMessage()));
        }
        return shown(page);
    }

    /** Returns the first page of those that are not over, as a caller may see them. */
    public Reply page(Caller caller) {
        return shown(alerts.active(alert -> QueueMetric.seen(caller, alert.metric()), null, Limits.PAGE_DEFAULT));
    }

    private static Reply shown(AlertPage page) {
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Alert alert : page.alerts()) {
                write(json, alert);
            }
            json.writeEndArray();
            Json.text(json, "next", page.next());
            json.writeBooleanField("complete", page.complete());
            json.writeEndObject();
        });
    }

    private static @Nullable String word(Call call, String name, List<String> words) {
        String text = call.query(name);
        if (text != null && !words.contains(text)) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter " + name + " \"" + Text.shown(text) + "\" is unknown; nothing was read; "
                            + Text.legal(text, words));
        }
        return text;
    }

    private Reply acknowledge(Call call) {
        return changed(call, alerts::acknowledge);
    }

    private Reply silence(Call call) {
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("until", "for"));
        Instant until = fields.instant("until");
        Duration span = fields.duration("for");
        if ((until == null) == (span == null)) {
            throw Problem.invalid(
                    "",
                    "send either until, an instant, or for, a span from 0s to 31d (0s ends it); nothing was changed");
        }
        if (span != null && span.compareTo(LONGEST_SPAN) > 0) {
            throw Problem.invalid(
                    "/for", "for is longer than 31d; nothing was changed; send less, or disable the rule instead");
        }
        Instant end =
                until != null ? until : Instant.ofEpochMilli(clock.millis()).plus(span);
        return changed(call, id -> alerts.silence(id, end));
    }

    private Reply changed(Call call, Function<String, Optional<Alert>> change) {
        String id = call.path("id");
        try {
            if (call.caller().narrowed() && !sees(call.caller(), id)) {
                throw Problem.notFound("alert", Text.shown(id));
            }
            Alert alert = change.apply(id).orElseThrow(() -> Problem.notFound("alert", Text.shown(id)));
            return Reply.ok(json -> write(json, alert));
        } catch (IllegalStateException notNow) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(notNow.getMessage()));
        } catch (IllegalArgumentException illegal) {
            throw Problem.invalid("", String.valueOf(illegal.getMessage()));
        }
    }

    private boolean sees(Caller caller, String id) {
        Predicate<Alert> one = alert -> alert.id().equals(id) && QueueMetric.seen(caller, alert.metric());
        return !alerts.active(one, null, 1).alerts().isEmpty();
    }

    private static void write(JsonGenerator json, Alert alert) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", alert.id());
        json.writeStringField("rule", alert.rule());
        json.writeStringField("metric", alert.metric());
        Json.text(json, "process", alert.process().isEmpty() ? null : alert.process());
        json.writeStringField("severity", alert.severity().wire());
        json.writeStringField("state", alert.state().wire());
        Json.rounded(json, "value", alert.value());
        Json.rounded(json, "threshold", alert.threshold());
        Json.instant(json, "since", alert.since());
        Json.instant(json, "pendingUntil", alert.pendingUntil());
        Json.instant(json, "resolvedAt", alert.resolvedAt());
        Json.instant(json, "acknowledgedAt", alert.acknowledgedAt());
        Json.instant(json, "silencedUntil", alert.silencedUntil());
        json.writeBooleanField("told", alert.told());
        json.writeStringField("reason", alert.reason());
        json.writeObjectFieldStart("tags");
        for (Map.Entry<String, String> tag : alert.tags().entrySet()) {
            json.writeStringField(tag.getKey(), tag.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}
