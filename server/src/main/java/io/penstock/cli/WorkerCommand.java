package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock worker}: who takes jobs. */
@Command(
        name = "worker",
        description = "Look at workers, have them take no more jobs or leave, and be one.",
        subcommands = WorkerRunCommand.class)
final class WorkerCommand extends Noun {
    private static final List<Column> COLUMNS = List.of(
            Column.of("ID", "/id"),
            Column.of("NAME", "/name"),
            Column.of("QUEUE", "/queue"),
            Column.number("RUNNING", "/report/running"),
            Column.number("OF", "/report/concurrency"),
            Column.with("SEEN", row -> Ages.since(row.path("seenAt"))),
            Column.of("LEASE UNTIL", "/leaseUntil").onlyWide(),
            Column.with(
                    "",
                    row -> row.path("stopping").asBoolean()
                            ? "stopping"
                            : row.path("quiet").asBoolean() ? "quiet" : ""));

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "list", description = "List workers.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), "/api/v1/workers", main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show what a worker is doing.")
    int get(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> main().output().one(api.get("/api/v1/workers/" + Api.quoted(id))));
    }

    @Command(name = "quiet", description = "Have workers take no more jobs; what they run they finish.")
    int quiet(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        return act(ids, "quiet");
    }

    @Command(name = "resume", description = "Have quiet workers take jobs again.")
    int resume(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        return act(ids, "resume");
    }

    @Command(name = "stop", description = "Have workers end what they run, and leave.")
    int stop(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        if (!main().dryRun()) {
            main().confirm("Stop " + String.join(", ", ids));
        }
        return act(ids, "stop");
    }

    private int act(List<String> ids, String verb) {
        if (main().dryRun()) {
            return planned(verb, ids);
        }
        Api api = main().api();
        List<JsonNode> done = new ArrayList<>();
        int code = Each.run(
                main(),
                ids,
                id -> api.post("/api/v1/workers/" + Api.quoted(id) + ":" + verb)
                        .path("items")
                        .forEach(done::add));
        if (!done.isEmpty()) {
            main().output().list(COLUMNS, done);
        }
        return code;
    }
}
