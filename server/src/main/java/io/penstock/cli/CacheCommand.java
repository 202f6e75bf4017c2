package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Column;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock cache}: what is kept to be answered again. */
@Command(name = "cache", description = "Look at caches, and empty them.")
final class CacheCommand extends Noun {
    private static final String PATH = "/api/v1/caches";

    private static final List<Column> COLUMNS = List.of(
            Column.of("CACHE", "/name"),
            Column.number("PROCESSES", "/processes"),
            new Column("HITS", false, true, row -> MemoryScreen.percent(row.path("hitShare"), 1)),
            MemoryScreen.bytes("NEAR", "/near/bytes"),
            Column.number("LOADS", "/loads"),
            Column.number("FAILED", "/loadFailures"),
            Column.number("AVG MS", "/avgLoadMillis"),
            Column.number("WAIT", "/waiting"),
            Column.number("STALE", "/staleServed"),
            Column.number("ENTRIES", "/near/entries").onlyWide(),
            Column.number("NEAR HITS", "/near/hits").onlyWide(),
            Column.number("FAR HITS", "/far/hits").onlyWide(),
            Column.number("FAR FAILED", "/far/failures").onlyWide(),
            Column.number("NOT KEPT", "/notKept").onlyWide(),
            Column.number("EVICTED", "/evictions").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "stats", description = "Show what caches do in all processes, or some of them.")
    int stats(@Parameters(arity = "0..*", paramLabel = "CACHE") @Nullable List<String> names) {
        Iterable<JsonNode> all = new Pages(main().api(), PATH, main().limit(LISTED));
        if (names == null || names.isEmpty()) {
            main().output().list(COLUMNS, all);
            return Exit.OK;
        }
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode one : all) {
            if (names.contains(one.path("name").asText())) {
                found.add(one);
            }
        }
        main().output().list(COLUMNS, found);
        return found.isEmpty() ? Exit.NOT_FOUND : Exit.OK;
    }

    @Command(name = "clear", description = "Forget all values of these caches, in all processes.")
    int clear(@Parameters(arity = "1..*", paramLabel = "CACHE") List<String> names) {
        if (main().dryRun()) {
            return planned("clear", names);
        }
        main().confirm("Clear " + String.join(", ", names));
        Api api = main().api();
        int code = Each.run(main(), names, name -> api.post(PATH + "/" + Api.quoted(name) + ":clear"));
        main().note("cleared: " + (code == Exit.OK ? String.join(", ", names) : "not all"));
        return code;
    }
}
