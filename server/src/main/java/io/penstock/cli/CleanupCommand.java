package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code penstock cleanup}: what the daily clean-up forgot, and one by hand. */
@Command(name = "cleanup", description = "Look at the daily clean-up of ended jobs, and run it by hand.")
final class CleanupCommand extends Noun {
    private static final String PATH = "/api/v1/cleanups";

    private static final List<Column> COLUMNS = List.of(
            Column.with("STARTED", row -> Ages.since(row.path("startedAt"))),
            Column.of("REASON", "/reason"),
            Column.number("QUEUES", "/queues"),
            Column.number("REMOVED", "/removed"),
            Column.number("FREED BYTES", "/freedBytes"),
            Column.number("MS", "/durationMillis"),
            Column.of("SUCCESS", "/success"),
            Column.of("ID", "/id").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "list", description = "List the last clean-ups of the server.")
    int list() {
        main().output().list(COLUMNS, main().api().get(PATH).path("items"));
        return Exit.OK;
    }

    @Command(name = "run", description = "Start one now; its report is in the list when it is over.")
    int run() {
        if (main().dryRun()) {
            return planned("run", List.of("the clean-up"));
        }
        main().output().one(main().api().post(PATH));
        return Exit.OK;
    }
}
