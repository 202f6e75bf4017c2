package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Column;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock audit}: what was done, and by whom. */
@Command(name = "audit", description = "See what was done through the server, and by whom.")
final class AuditCommand extends Noun {
    private static final String PATH = "/api/v1/audit";

    /** {@code 2030-01-31T12:00:00}: a table has no room for more. */
    private static final int SECONDS = 19;

    private static final List<Column> COLUMNS = List.of(
            Column.with("TIME", AuditCommand::time),
            Column.of("CALLER", "/caller"),
            Column.of("ACTION", "/action"),
            Column.of("OBJECT", "/object"),
            Column.number("STATUS", "/status"),
            Column.number("N", "/requests"),
            Column.of("ROLE", "/role").onlyWide(),
            Column.of("PEER", "/peer").onlyWide(),
            Column.with("DETAILS", AuditCommand::details).onlyWide(),
            Column.number("MILLIS", "/durationMillis").onlyWide(),
            Column.of("REQUEST", "/requestId").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static String time(JsonNode row) {
        String time = row.path("time").asText();
        return time.length() > SECONDS ? time.substring(0, SECONDS) : time;
    }

    private static String details(JsonNode row) {
        StringJoiner details = new StringJoiner(" ");
        row.path("details")
                .properties()
                .forEach(each ->
                        details.add(each.getKey() + "=" + each.getValue().asText()));
        return details.toString();
    }

    @Command(
            name = "list",
            description = "List writes, the last first; N above 1 are requests of programs within a minute.")
    int list(
            @Option(names = "--from", paramLabel = "TIME", description = "An instant, or 2h for so long ago.") @Nullable
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "An instant, or 15m for so long ago.") @Nullable
                    String to,
            @Option(names = "--caller", paramLabel = "NAME", description = "Of this caller only.") @Nullable
                    String caller,
            @Option(names = "--action", paramLabel = "A", description = "jobs.retry, or jobs for all on jobs.")
                    @Nullable
                    String action,
            @Option(names = "--object", paramLabel = "PART", description = "Done to what has this in its name.")
                    @Nullable
                    String object) {
        StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
        add(query, "from", from);
        add(query, "to", to);
        add(query, "caller", caller);
        add(query, "action", action);
        add(query, "object", object);
        main().output().list(COLUMNS, new Pages(main().api(), PATH + query, main().limit(LISTED)));
        return Exit.OK;
    }

    private static void add(StringJoiner query, String name, @Nullable String value) {
        if (value != null) {
            query.add(name + "=" + Api.quoted(value));
        }
    }
}
