package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Column;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock limit}: how often something may be done. */
@Command(name = "limit", description = "Look at and set limits of rate and concurrency.")
final class LimitCommand extends Noun {
    private static final String PATH = "/api/v1/limits";

    private static final List<Column> COLUMNS = List.of(
            Column.of("LIMIT", "/key"),
            Column.of("KIND", "/kind"),
            Column.number("PERMITS", "/permits"),
            Column.number("PER", "/per"),
            Column.number("BURST", "/burst").onlyWide(),
            Column.of("AWAY", "/away").onlyWide(),
            Column.of("QUEUE", "/queue"),
            Column.of("SET BY", "/origin"),
            Column.number("ALLOWED", "/allowed"),
            Column.number("DENIED", "/denied"),
            Column.number("GUESSED", "/guessed").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "list", description = "List limits and what they answered on this server.")
    int list() {
        main().output().list(COLUMNS, main().api().get(PATH).path("items"));
        return Exit.OK;
    }

    @Command(name = "set", description = "Set a limit for all servers, at once and for good.")
    int set(
            @Parameters(index = "0", paramLabel = "LIMIT") String key,
            @Parameters(index = "1", paramLabel = "PERMITS/PERIOD", description = "Such as 100/1m.") String rate,
            @Option(
                            names = "--kind",
                            paramLabel = "KIND",
                            defaultValue = "window",
                            description = "window (default), bucket or concurrency.")
                    String kind,
            @Option(names = "--burst", paramLabel = "N", description = "Size of a bucket (its permits).") @Nullable
                    Long burst,
            @Option(
                            names = "--away",
                            paramLabel = "ANSWER",
                            description = "While Redis is away: open or closed (rates open).")
                    @Nullable
                    String away,
            @Option(names = "--queue", paramLabel = "Q", description = "Jobs added to it by REST take a permit each.")
                    @Nullable
                    String queue) {
        int slash = rate.indexOf('/');
        if (slash < 1 || !rate.substring(0, slash).matches("\\d{1,18}")) {
            throw new Failure(Exit.USAGE, "\"" + rate + "\" is not PERMITS/PERIOD such as 100/1m");
        }
        ObjectNode body = Api.object()
                .put("kind", kind)
                .put("permits", Long.parseLong(rate.substring(0, slash)))
                .put("per", rate.substring(slash + 1));
        if (burst != null) {
            body.put("burst", burst);
        }
        if (away != null) {
            body.put("away", away);
        }
        if (queue != null) {
            body.put("queue", queue);
        }
        if (main().dryRun()) {
            return planned("set " + body + " as", List.of(key));
        }
        HttpResponse<String> answer =
                main().api().send("PUT", path(key), body.toString(), Map.of("Content-Type", "application/json"));
        JsonNode limit = Api.parse("the answer", answer.body());
        main().output().list(COLUMNS, List.of(limit));
        return Exit.OK;
    }

    @Command(name = "delete", description = "Take limits back for all servers.")
    int delete(@Parameters(arity = "1..*", paramLabel = "LIMIT") List<String> keys) {
        if (main().dryRun()) {
            return planned("delete limit", keys);
        }
        main().confirm("Delete limit " + String.join(", ", keys));
        Api api = main().api();
        return Each.run(main(), keys, key -> {
            api.delete(path(key));
            main().note("deleted " + key);
        });
    }

    private static String path(String key) {
        return PATH + "/" + Api.quoted(key);
    }
}
