package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Column;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock alert rule}: when something is wrong. */
@Command(name = "rule", description = "Look at, make and change alert rules.")
final class AlertRuleCommand extends Noun {
    private static final List<Column> COLUMNS = List.of(
            Column.of("RULE", "/id"),
            Column.of("METRIC", "/metric"),
            Column.with("LINE", AlertRuleCommand::line),
            Column.of("FOR", "/for"),
            Column.of("SEVERITY", "/severity"),
            Column.with("ON", row -> row.path("enabled").asBoolean() ? "yes" : "no"),
            Column.of("ORIGIN", "/origin"),
            Column.of("CLEAR", "/clear").onlyWide(),
            Column.of("COOLDOWN", "/cooldown").onlyWide(),
            Column.of("AN HOUR", "/mostPerHour").onlyWide(),
            Column.of("ABSENT", "/absent").onlyWide(),
            Column.of("CHANNELS", "/channels").onlyWide());

    private static final List<Column> METRICS = List.of(
            Column.of("METRIC", "/metric"),
            Column.with(
                    "STATE",
                    row -> row.path("state").isNull() ? "ok" : row.path("state").asText()),
            Column.number("VALUE", "/value"),
            Column.with("SINCE", row -> AlertCommand.age(row, "since")),
            Column.with("FIRES", row -> AlertCommand.age(row, "pendingUntil")),
            Column.of("REASON", "/reason"),
            Column.of("PROCESS", "/process").onlyWide(),
            Column.of("ALERT", "/alert").onlyWide());

    @ParentCommand
    private @Nullable AlertCommand alert;

    @Override
    Main main() {
        return Parent.of(alert).main();
    }

    private static String path(String id) {
        return "/api/v1/alert-rules/" + Api.quoted(id);
    }

    private static String line(JsonNode rule) {
        return (rule.path("measure").asText().equals("rise") ? "rise " : "")
                + rule.path("operator").asText() + " " + rule.path("threshold").asText();
    }

    @Command(name = "list", description = "List rules: those that came with Penstock, changed ones, and your own.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), "/api/v1/alert-rules", main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show a rule, and for each metric why it fires or does not.")
    int get(@Parameters(arity = "1..*", paramLabel = "RULE") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> show(api.get(path(id))));
    }

    private void show(JsonNode rule) {
        if (!main().output().human()) {
            main().output().one(rule);
            return;
        }
        ObjectNode plain = rule.deepCopy();
        JsonNode status = plain.remove("status");
        plain.put("evaluatedBy", status.path("evaluatedBy").asText("nobody"));
        plain.put("evaluated", AlertCommand.age(status, "evaluatedAt") + " ago");
        main().output().one(plain);
        main().output().text("");
        main().output().list(METRICS, status.path("metrics"));
        if (status.path("more").asInt() > 0) {
            main().note("and " + status.path("more").asInt() + " more metrics");
        }
    }

    @Command(
            name = "set",
            description =
                    "Make a rule or change some of it: metric measure=value|rise operator threshold for severity"
                            + " cooldown mostPerHour clear hysteresis absent=ignore|fire|resolve enabled channels=A,B tag.NAME.")
    int set(
            @Parameters(index = "0", paramLabel = "RULE") String id,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings) {
        Api api = main().api();
        ObjectNode body = Api.object();
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        try {
            HttpResponse<String> known = api.send("GET", path(id), null, Map.of());
            body = (ObjectNode) Api.parse("the rule", known.body());
            body.remove(List.of("id", "origin", "status"));
            known.headers().firstValue("ETag").ifPresent(tag -> headers.put("If-Match", tag));
        } catch (Failure failure) {
            if (failure.code() != Exit.NOT_FOUND) {
                throw failure;
            }
        }
        for (String setting : settings) {
            put(body, setting);
        }
        if (main().dryRun()) {
            return planned("write " + body + " as", List.of(id));
        }
        show(Api.parse(
                "the answer",
                api.send("PUT", path(id), body.toString(), headers).body()));
        return Exit.OK;
    }

    /** An empty value takes the field back to what is usual. */
    private static void put(ObjectNode body, String setting) {
        Assignment said = Assignment.of(setting);
        String key = said.key();
        String text = said.text();
        if (key.equals("threshold") && !body.has("hysteresis")) {
            body.remove("clear"); // it lies on the good side of the old one
        }
        if (key.equals("hysteresis")) {
            body.remove("clear");
        }
        if (key.startsWith("tag.")) {
            ObjectNode tags = body.withObject("/tags");
            tags.remove(key.substring(4));
            if (!text.isEmpty()) {
                tags.put(key.substring(4), text);
            }
        } else if (text.isEmpty()) {
            body.putNull(key);
        } else if (key.equals("channels")) {
            List.of(text.split(",", -1)).forEach(body.putArray(key)::add);
        } else if (text.equals("true") || text.equals("false")) {
            body.put(key, text.equals("true"));
        } else if (text.matches("-?\\d{1,15}")) {
            body.put(key, Long.parseLong(text));
        } else if (text.matches("-?\\d{0,15}\\.\\d{1,15}")) {
            body.put(key, Double.parseDouble(text));
        } else {
            body.put(key, text);
        }
    }

    @Command(name = "delete", description = "Delete your own rules; changed ones become what they were.")
    int delete(@Parameters(arity = "1..*", paramLabel = "RULE") List<String> ids) {
        return deleted(ids, AlertRuleCommand::path);
    }
}
