package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock flow}: jobs that wait for one another. */
@Command(name = "flow", description = "Submit flows, look at them, cancel them and run them again.")
final class FlowCommand extends Noun {
    private static final List<Column> COLUMNS = columns("FLOW", "STARTED");

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    /** The columns of flows, and of batches, which are listed as flows are. */
    static List<Column> columns(String id, String begun) {
        return List.of(
                Column.of(id, "/id"),
                Column.of("NAME", "/name"),
                Column.of("STATE", "/state"),
                Column.number("JOBS", "/jobs"),
                Column.number("LEFT", "/left"),
                Column.number("FAILED", "/failed"),
                Column.with(begun, row -> Ages.since(row.path("createdAt"))),
                Column.number("COMPLETED", "/completed").onlyWide(),
                Column.number("CANCELLED", "/cancelled").onlyWide(),
                Column.with("ENDED", row -> Ages.since(row.path("endedAt"))).onlyWide());
    }

    private static String path(String id) {
        return "/api/v1/flows/" + Api.quoted(id);
    }

    @Command(name = "list", description = "List flows, the newest first.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), "/api/v1/flows?kind=flow", main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "submit", description = "Add a flow as a whole; prints its id.")
    int submit(
            @Parameters(
                            paramLabel = "JSON|@FILE|-",
                            description = "Name and jobs, each with name, queue, type, needs ...")
                    String flow) {
        JsonNode body = JobCommand.payload(main().streams(), flow);
        if (main().dryRun()) {
            return planned("submit flow", List.of(body.path("name").asText()));
        }
        main().output().made(main().api().post("/api/v1/flows", body));
        return Exit.OK;
    }

    @Command(name = "get", description = "Draw a flow: under each job what it needs.")
    int get(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> show(api.get(path(id))));
    }

    @Command(name = "retry", description = "Run failed and cancelled jobs of a flow again.")
    int retry(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--job", paramLabel = "NAME", description = "This one, and what was cancelled by it.")
                    @Nullable
                    String job) {
        return act(id, job, "retry");
    }

    @Command(name = "cancel", description = "Cancel what has not ended of a flow.")
    int cancel(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--job", paramLabel = "NAME", description = "This one, and what needs it.") @Nullable
                    String job) {
        return act(id, job, "cancel");
    }

    private int act(String id, @Nullable String job, String verb) {
        if (main().dryRun()) {
            return planned(verb + " flow", List.of(job == null ? id : id + " " + job));
        }
        show(main().api().post(path(id) + ":" + verb + (job == null ? "" : "?job=" + Api.quoted(job))));
        return Exit.OK;
    }

    private void show(JsonNode flow) {
        if (!main().output().human()) {
            main().output().one(flow);
            return;
        }
        main().output()
                .text(flow.path("name").asText() + "  " + flow.path("state").asText() + "  "
                        + flow.path("id").asText());
        main().output()
                .text(flow.path("jobs").asText() + " jobs: "
                        + flow.path("completed").asText() + " completed, "
                        + flow.path("failed").asText() + " failed, "
                        + flow.path("cancelled").asText() + " cancelled, "
                        + flow.path("left").asText() + " left");
        FlowTree.of(flow, main().output().width()).forEach(main().output()::text);
    }
}
