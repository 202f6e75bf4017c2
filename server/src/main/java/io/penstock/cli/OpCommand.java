package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock op}: operations, what the server does to many jobs. */
@Command(name = "op", description = "Watch and stop operations on many jobs.")
final class OpCommand extends Noun {
    private static final List<Column> COLUMNS = List.of(
            Column.of("ID", "/id"),
            Column.of("ACTION", "/action"),
            Column.of("STATE", "/state"),
            Column.with("PROGRESS", row -> Math.round(row.path("progress").asDouble() * 100) + " %"),
            Column.number("DONE", "/done"),
            Column.number("SKIPPED", "/skipped"),
            Column.number("FAILED", "/failed"),
            Column.with("AGE", row -> Ages.since(row.path("createdAt"))),
            Column.of("BY", "/by").onlyWide(),
            Column.of("FILTER", "/filter").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static String path(String id) {
        return Bulk.PATH + "/" + Api.quoted(id);
    }

    @Command(name = "list", description = "List operations, newest first.")
    int list() {
        JsonNode page = main().api().get(Bulk.PATH + "?limit=" + main().limit(LISTED));
        main().output().list(COLUMNS, page.path("items"));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show operations in full.")
    int get(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> main().output().one(api.get(path(id))));
    }

    @Command(name = "cancel", description = "Stop operations; what was done stays done.")
    int cancel(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        if (main().dryRun()) {
            return planned("cancel", ids);
        }
        Api api = main().api();
        List<JsonNode> cancelled = new ArrayList<>();
        int code = Each.run(main(), ids, id -> cancelled.add(api.post(path(id) + ":cancel")));
        if (!cancelled.isEmpty()) {
            main().output().list(COLUMNS, cancelled);
        }
        return code;
    }
}
