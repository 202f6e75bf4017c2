package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Column;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock queue group}: the tenants of a queue. */
@Command(name = "group", description = "Look at, limit and pause the groups (tenants) of a queue; * = all others.")
final class QueueGroupCommand extends Noun {
    private static final List<Column> COLUMNS = List.of(
            Column.of("GROUP", "/group"),
            Column.of("STATUS", "/status"),
            Column.number("WAIT", "/waiting"),
            Column.number("ACTIVE", "/active"),
            Column.number("BYTES", "/activeBytes"),
            Column.number("WEIGHT", "/rule/weight"),
            Column.number("MOST", "/rule/concurrency"),
            Column.with("RATE", QueueGroupCommand::rate),
            Column.number("MOST BYTES", "/rule/bytes"),
            Column.of("UNTIL", "/until").onlyWide());

    @ParentCommand
    private @Nullable QueueCommand queue;

    @Override
    Main main() {
        return Parent.of(queue).main();
    }

    private static String path(String queue) {
        return QueueCommand.path(queue) + "/groups";
    }

    private static String rate(JsonNode row) {
        JsonNode rate = row.path("rule").path("rate");
        return rate.isMissingNode()
                ? ""
                : rate.path("jobs").asText() + "/" + rate.path("per").asText();
    }

    @Command(name = "list", description = "List the groups that have jobs waiting or active.")
    int list(@Parameters(paramLabel = "QUEUE") String queue) {
        main().output().list(COLUMNS, new Pages(main().api(), path(queue), main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show groups and what they may do.")
    int get(
            @Parameters(index = "0", paramLabel = "QUEUE") String queue,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "GROUP") List<String> groups) {
        Api api = main().api();
        return Each.run(main(), groups, group -> main().output().one(api.get(path(queue) + "/" + Api.quoted(group))));
    }

    @Command(
            name = "set",
            description =
                    "Say what a group may do: weight concurrency rate.jobs rate.per bytes; replaces what was said.")
    int set(
            @Parameters(index = "0", paramLabel = "QUEUE") String queue,
            @Parameters(index = "1", paramLabel = "GROUP") String group,
            @Parameters(index = "2..*", arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings) {
        ObjectNode body = Api.object();
        settings.forEach(setting -> QueueCommand.put(body, setting));
        if (main().dryRun()) {
            return planned("set " + body + " on", List.of(group));
        }
        HttpResponse<String> answer = main().api()
                .send(
                        "PUT",
                        path(queue) + "/" + Api.quoted(group),
                        body.toString(),
                        Map.of("Content-Type", "application/json"));
        main().output().list(COLUMNS, List.of(Api.parse("the answer", answer.body())));
        return Exit.OK;
    }

    @Command(name = "reset", description = "Take back what was said of groups.")
    int reset(
            @Parameters(index = "0", paramLabel = "QUEUE") String queue,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "GROUP") List<String> groups) {
        if (main().dryRun()) {
            return planned("reset", groups);
        }
        Api api = main().api();
        return Each.run(main(), groups, group -> {
            api.delete(path(queue) + "/" + Api.quoted(group));
            main().note("reset " + group);
        });
    }

    @Command(name = "pause", description = "Hand out no jobs of these groups.")
    int pause(
            @Parameters(index = "0", paramLabel = "QUEUE") String queue,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "GROUP") List<String> groups) {
        return act(queue, groups, "pause");
    }

    @Command(name = "resume", description = "Hand out their jobs again.")
    int resume(
            @Parameters(index = "0", paramLabel = "QUEUE") String queue,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "GROUP") List<String> groups) {
        return act(queue, groups, "resume");
    }

    private int act(String queue, List<String> groups, String verb) {
        if (main().dryRun()) {
            return planned(verb, groups);
        }
        Api api = main().api();
        return Each.run(
                main(),
                groups,
                group -> main().output()
                        .list(COLUMNS, List.of(api.post(path(queue) + "/" + Api.quoted(group) + ":" + verb))));
    }
}
