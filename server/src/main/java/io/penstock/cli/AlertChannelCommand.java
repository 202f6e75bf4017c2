package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock alert channel}: where notifications go. */
@Command(name = "channel", description = "Say where notifications go, and try it.")
final class AlertChannelCommand extends Noun {
    private static final String PATH = "/api/v1/channels";

    private static final List<Column> COLUMNS = List.of(
            Column.of("CHANNEL", "/id"),
            Column.of("KIND", "/kind"),
            Column.with("ON", row -> row.path("enabled").asBoolean() ? "yes" : "no"),
            Column.of("FROM", "/minSeverity"),
            Column.number("WAIT", "/status/waiting"),
            Column.number("SENT", "/status/delivered"),
            Column.number("FAILED", "/status/failed"),
            Column.number("DROPPED", "/status/dropped"),
            Column.with("LAST", row -> since(row.at("/status/lastDeliveredAt"))),
            Column.of("ERROR", "/status/lastError"),
            Column.of("URL", "/url").onlyWide(),
            Column.of("HOST", "/host").onlyWide(),
            Column.of("TO", "/to").onlyWide());

    private static final List<Column> DELIVERIES = List.of(
            Column.of("ID", "/id"),
            Column.of("CHANNEL", "/channel"),
            Column.of("OUTCOME", "/outcome"),
            Column.number("TRY", "/attempts"),
            Column.with("AT", row -> since(row.path("at"))),
            Column.with("NOTICES", row -> Integer.toString(row.path("notices").size())),
            Column.of("ERROR", "/error"),
            Column.number("MS", "/tookMillis").onlyWide());

    @ParentCommand
    private @Nullable AlertCommand alert;

    @Override
    Main main() {
        return Parent.of(alert).main();
    }

    private static String since(JsonNode instant) {
        return Ages.since(instant);
    }

    private static String path(String name) {
        return PATH + "/" + Api.quoted(name);
    }

    @Command(name = "list", description = "List channels.")
    int list() {
        main().output().list(COLUMNS, main().api().get(PATH).path("items"));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show a channel; secrets are shown as ***.")
    int get(@Parameters(arity = "1..*", paramLabel = "CHANNEL") List<String> names) {
        Api api = main().api();
        return Each.run(main(), names, name -> main().output().one(api.get(path(name))));
    }

    @Command(
            name = "set",
            description = "Make or change a channel: kind url secret routingKey host port tls username password from to"
                    + " minSeverity enabled perMinute. KEY=@FILE or KEY=@- reads a secret from a file or stdin; KEY="
                    + " alone takes a value back.")
    int set(
            @Parameters(index = "0", paramLabel = "CHANNEL") String name,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings) {
        Map<String, String> wished = new LinkedHashMap<>();
        settings.forEach(setting -> note(wished, setting));
        Api api = main().api();
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        ObjectNode body = present(api, name, headers);
        String kind = wished.getOrDefault("kind", "");
        if (!kind.isEmpty() && !kind.equals(body.path("kind").asText())) {
            body = Api.object(); // what the other kind had means nothing here
        }
        for (Map.Entry<String, String> wish : wished.entrySet()) {
            put(body, wish.getKey(), wish.getValue());
        }
        if (main().dryRun()) {
            return planned("set", List.of("channel " + name));
        }
        api.send("PUT", path(name), body.toString(), headers);
        main().output().one(api.get(path(name)));
        return Exit.OK;
    }

    /** What there is, so that what is not named stays, and its tag; hidden secrets stay by themselves. */
    private static ObjectNode present(Api api, String name, Map<String, String> headers) {
        try {
            HttpResponse<String> answer = api.send("GET", path(name), null, Map.of());
            answer.headers().firstValue("ETag").ifPresent(tag -> headers.put("If-Match", tag));
            return (ObjectNode) Api.parse("the answer", answer.body());
        } catch (Failure failure) {
            if (failure.code() == Exit.NOT_FOUND) {
                return Api.object();
            }
            throw failure;
        }
    }

    private void note(Map<String, String> wished, String setting) {
        Assignment said = Assignment.of(setting);
        String key = said.key();
        wished.put(key, read(key, said.text()));
    }

    private static void put(ObjectNode body, String key, String text) {
        if (text.isEmpty()) {
            body.remove(key);
        } else if (key.equals("enabled") && (text.equals("true") || text.equals("false"))) {
            body.put(key, text.equals("true"));
        } else if ((key.equals("port") || key.equals("perMinute")) && text.matches("\\d{1,9}")) {
            body.put(key, Integer.parseInt(text));
        } else {
            body.put(key, text);
        }
    }

    /** A secret on the command line is seen by everybody on the machine and kept in the shell's history. */
    private String read(String key, String text) {
        if (!text.startsWith("@")) {
            return text;
        }
        try {
            return text.equals("@-")
                    ? main().streams().line().strip()
                    : Files.readString(Path.of(text.substring(1))).strip();
        } catch (IOException unreadable) {
            throw new Failure(Exit.USAGE, key + ": " + text.substring(1) + " cannot be read");
        }
    }

    @Command(name = "delete", description = "Remove channels and what waits for them.")
    int delete(@Parameters(arity = "1..*", paramLabel = "CHANNEL") List<String> names) {
        if (main().dryRun()) {
            return planned("delete", names);
        }
        main().confirm("Delete " + String.join(", ", names));
        Api api = main().api();
        return Each.run(main(), names, name -> api.delete(path(name)));
    }

    @Command(name = "test", description = "Send a test notice and show what the receiver made of it.")
    int test(@Parameters(arity = "1..*", paramLabel = "CHANNEL") List<String> names) {
        if (main().dryRun()) {
            return planned("test", names);
        }
        Api api = main().api();
        return Each.run(main(), names, name -> {
            JsonNode delivery = api.post(path(name) + ":test");
            if (!delivery.path("outcome").asText().equals("delivered")) {
                throw new Failure(Exit.FAILURE, delivery.path("error").asText("not taken"));
            }
            if (main().output().human()) {
                main().output()
                        .text(name + ": taken in " + delivery.path("tookMillis").asLong() + " ms");
            } else {
                main().output().one(delivery);
            }
        });
    }

    @Command(name = "deliveries", description = "List what was sent to channels, the newest first.")
    int deliveries(@Parameters(arity = "0..1", paramLabel = "CHANNEL") @Nullable String name) {
        String path = "/api/v1/deliveries" + (name == null ? "" : "?channel=" + Api.quoted(name));
        main().output().list(DELIVERIES, new Pages(main().api(), path, main().limit(LISTED)));
        return Exit.OK;
    }
}
