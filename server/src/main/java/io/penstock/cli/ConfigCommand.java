package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Column;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock config}: what is set, and by whom. */
@Command(name = "config", description = "Show, check and change settings.")
final class ConfigCommand extends Noun {
    private static final List<Column> COLUMNS =
            List.of(Column.of("KEY", "/key"), Column.of("VALUE", "/value"), Column.of("FROM", "/origin"));

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "show", description = "Show each setting with its value and where that is from.")
    int show(
            @Option(names = "--config", paramLabel = "FILE", description = "As for up.") @Nullable Path file,
            @Option(names = "--server", description = "Of the running server, not of a start from here.")
                    boolean server) {
        if (server) {
            main().output().list(COLUMNS, main().api().get("/api/v1/config").path("items"));
            return Exit.OK;
        }
        Settings settings = read(file);
        List<JsonNode> rows = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            rows.add(Api.object()
                    .put("key", setting.key())
                    .put("value", settings.shown(setting))
                    .put("origin", settings.value(setting).origin()));
        }
        main().output().list(COLUMNS, rows);
        return Exit.OK;
    }

    @Command(
            name = "set",
            description = "Change settings of the running server at once and for good; KEY= alone takes a change back.")
    int set(@Parameters(arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings) {
        ObjectNode body = Api.object();
        settings.forEach(setting -> put(body, setting));
        if (main().dryRun()) {
            return planned("set " + body + " in", List.of("the running server"));
        }
        JsonNode after = main().api().patch("/api/v1/config", body);
        List<JsonNode> changed = new ArrayList<>();
        after.path("items").forEach(item -> {
            if (body.has(item.path("key").asText())) {
                changed.add(item);
            }
        });
        main().output().list(COLUMNS, changed);
        return Exit.OK;
    }

    private static void put(ObjectNode body, String setting) {
        Assignment said = Assignment.of(setting);
        String text = said.text();
        body.put(said.key(), text.isEmpty() ? null : text);
    }

    @Command(name = "env", description = "List the variables by which each setting can be given.")
    int env() {
        List<JsonNode> rows = new ArrayList<>();
        for (Setting setting : Setting.values()) {
            rows.add(Api.object().put("key", setting.key()).put("variables", String.join(" ", setting.variables())));
        }
        main().output().list(List.of(Column.of("KEY", "/key"), Column.of("VARIABLE", "/variables")), rows);
        return Exit.OK;
    }

    @Command(
            name = "check",
            description = "Check file and environment as a start would; ends with 2 if they are wrong.")
    int check(@Option(names = "--config", paramLabel = "FILE", description = "As for up.") @Nullable Path file) {
        read(file);
        main().note("the settings are legal");
        return Exit.OK;
    }

    private Settings read(@Nullable Path file) {
        return Settings.read(
                Map.of(),
                UpCommand.file(main().streams(), file),
                main().streams().environment());
    }
}
