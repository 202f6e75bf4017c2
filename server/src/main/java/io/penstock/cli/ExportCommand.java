package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock export}: writes what another installation can take in. */
@Command(name = "export", description = "Write jobs as lines that another installation can take in.")
final class ExportCommand extends Noun {
    /** What has something left to do, or to be looked into; what is active is told by none, since it may end meanwhile. */
    private static final List<String> STATES = List.of("waiting", "delayed", "failed");

    private static final int ALL = 1_000_000;

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(
            name = "jobs",
            description = {
                "Write jobs, a line of JSON each: those that wait, are delayed or have failed.",
                "Take them in elsewhere with: penstock import jobs. A job that is there already stays one job."
            })
    int jobs(
            @Option(names = "--queue", paramLabel = "Q", description = "Only of this queue.") @Nullable String queue,
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            description = "Only waiting, delayed or failed ones (all three).")
                    @Nullable
                    String state,
            @Option(names = "--type", paramLabel = "TYPE", description = "Only of this type.") @Nullable String type) {
        Api api = main().api();
        int left = main().limit(ALL);
        long written = 0;
        for (String each : state == null ? STATES : List.of(state)) {
            StringBuilder path = new StringBuilder("/api/v1/jobs?state=").append(Api.quoted(each));
            if (queue != null) {
                path.append("&queue=").append(Api.quoted(queue));
            }
            if (type != null) {
                path.append("&type=").append(Api.quoted(type));
            }
            for (JsonNode job : new Pages(api, path.toString(), (int) (left - written))) {
                main().streams().out().println(line(job));
                written++;
            }
        }
        main().note(written + (written == 1 ? " job" : " jobs") + " written");
        return Exit.OK;
    }

    /** As {@code jobs:import} reads it; its origin is its id, so that a second import finds it there. */
    private static ObjectNode line(JsonNode job) {
        ObjectNode line =
                Api.object().put("origin", "penstock:" + job.path("id").asText());
        for (String field :
                List.of("queue", "type", "payload", "priority", "maxAttempts", "createdAt", "group", "attempt")) {
            if (job.hasNonNull(field)) {
                line.set(field, job.get(field));
            }
        }
        if (job.path("state").asText().equals("delayed") && job.hasNonNull("runAt")) {
            line.set("runAt", job.get("runAt"));
        }
        if (job.path("metadata").isObject() && !job.path("metadata").isEmpty()) {
            line.set("metadata", job.get("metadata"));
        }
        if (job.path("error").isObject() && job.path("state").asText().equals("failed")) {
            ObjectNode error = line.putObject("error");
            for (String field : List.of("type", "message", "stack")) {
                error.put(field, job.path("error").path(field).asText(""));
            }
        }
        return line;
    }
}
