package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import io.penstock.cli.output.Streams;
import io.penstock.cli.output.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock job}: jobs one by one. */
@Command(
        name = "job",
        description = "Enqueue, look at and change jobs.",
        subcommands = {JobEnqueueCommand.class, JobWaitCommand.class, JobFollowCommand.class})
final class JobCommand extends Noun {
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

    static final List<Column> COLUMNS = List.of(
            Column.of("ID", "/id"),
            Column.of("STATE", "/state"),
            Column.of("TYPE", "/type"),
            Column.of("PRIO", "/priority"),
            Column.number("TRY", "/attempt"),
            Column.with("AGE", row -> Ages.since(row.path("createdAt"))),
            Column.of("QUEUE", "/queue").onlyWide(),
            Column.of("RUN AT", "/runAt").onlyWide(),
            Column.of("WORKER", "/worker").onlyWide(),
            Column.of("ERROR", "/error/message").onlyWide(),
            Column.of("PAYLOAD", "/payload").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "list", description = "List jobs, those going on first, or those that fit a search.")
    int list(
            @Parameters(
                            arity = "0..*",
                            paramLabel = "QUERY",
                            description = "id: type: state: queue: group: error: key: or words")
                    @Nullable
                    List<String> query,
            @Mixin JobSelection selection) {
        main().output().list(COLUMNS, new Pages(main().api(), selection.path(query), main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show jobs in full.")
    int get(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> main().output().one(api.get(path(id))));
    }

    static String path(String id) {
        return "/api/v1/jobs/" + Api.quoted(id);
    }

    @Command(name = "logs", description = "Show what a job logged.")
    int logs(
            @Parameters(paramLabel = "ID") String id,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Go on until the job has ended.")
                    boolean follow)
            throws InterruptedException {
        Api api = main().api();
        int shown = 0;
        while (true) {
            boolean ended =
                    !follow || ENDED.contains(api.get(path(id)).path("state").asText());
            JsonNode lines = api.get(path(id) + "/logs").path("items");
            if (!main().output().human()) {
                if (follow) {
                    throw new Failure(
                            Exit.USAGE, "--follow goes with -o table; nothing was shown; leave one of them out");
                }
                List<JsonNode> rows = new ArrayList<>();
                lines.forEach(line -> rows.add(Api.object().put("line", line.asText())));
                main().output().list(List.of(Column.of("LINE", "/line")), rows);
                return Exit.OK;
            }
            for (; shown < lines.size(); shown++) {
                main().output().text(Table.plain(lines.get(shown).asText()));
            }
            if (ended) {
                return Exit.OK;
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    @Command(name = "retry", description = "Start failed or cancelled jobs anew.")
    int retry(@Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids, @Mixin JobSelection selection)
            throws InterruptedException {
        return act(ids, selection, "retry");
    }

    @Command(
            name = "requeue",
            description =
                    "Put ended jobs into their queues once more: a completed one as a new job, others as they are.")
    int requeue(
            @Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids, @Mixin JobSelection selection)
            throws InterruptedException {
        return act(ids, selection, "requeue");
    }

    @Command(name = "promote", description = "Make delayed jobs ready now.")
    int promote(
            @Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids, @Mixin JobSelection selection)
            throws InterruptedException {
        return act(ids, selection, "promote");
    }

    @Command(name = "cancel", description = "End waiting jobs, ask running ones to stop.")
    int cancel(@Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids, @Mixin JobSelection selection)
            throws InterruptedException {
        return act(ids, selection, "cancel");
    }

    private int act(@Nullable List<String> ids, JobSelection selection, String verb) throws InterruptedException {
        return selection.ids(ids) && ids != null
                ? act(ids, verb)
                : new Bulk(main(), verb, "jobs").run(selection.json());
    }

    private int act(List<String> ids, String verb) {
        if (main().dryRun()) {
            return planned(verb, ids);
        }
        Api api = main().api();
        List<JsonNode> done = new ArrayList<>();
        int code = Each.run(main(), ids, id -> done.add(api.post(path(id) + ":" + verb)));
        if (!done.isEmpty()) {
            main().output().list(COLUMNS, done);
        }
        return code;
    }

    @Command(name = "signal", description = "Tell a job something that it waits for.")
    int signal(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--payload", paramLabel = "JSON|@FILE|-", description = "What it is told (true).") @Nullable
                    String payload) {
        ObjectNode body = changes(payload, null, null, null);
        if (main().dryRun()) {
            return planned("signal " + name + " to", List.of(id));
        }
        JsonNode job = main().api().post(path(id) + "/signals/" + Api.quoted(name), body);
        main().output().list(COLUMNS, List.of(job));
        return Exit.OK;
    }

    @Command(name = "edit", description = "Change a waiting or delayed job.")
    int edit(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--payload", paramLabel = "JSON|@FILE|-") @Nullable String payload,
            @Option(names = "--delay", paramLabel = "TIME", description = "From now.") @Nullable String delay,
            @Option(names = "--run-at", paramLabel = "INSTANT") @Nullable String runAt,
            @Option(names = "--priority", paramLabel = "P") @Nullable String priority) {
        ObjectNode body = changes(payload, delay, runAt, priority);
        if (body.isEmpty()) {
            throw new Failure(Exit.USAGE, "nothing to change; give --payload, --delay, --run-at or --priority");
        }
        if (main().dryRun()) {
            return planned("change to " + body, List.of(id));
        }
        main().output().one(main().api().patch(path(id), body));
        return Exit.OK;
    }

    @Command(name = "clone", description = "Enqueue a job like another one.")
    int copy(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--payload", paramLabel = "JSON|@FILE|-") @Nullable String payload,
            @Option(names = "--delay", paramLabel = "TIME") @Nullable String delay,
            @Option(names = "--run-at", paramLabel = "INSTANT") @Nullable String runAt,
            @Option(names = "--priority", paramLabel = "P") @Nullable String priority) {
        if (main().dryRun()) {
            return planned("clone", List.of(id));
        }
        main().output().one(main().api().post(path(id) + ":clone", changes(payload, delay, runAt, priority)));
        return Exit.OK;
    }

    private ObjectNode changes(
            @Nullable String payload, @Nullable String delay, @Nullable String runAt, @Nullable String priority) {
        ObjectNode body = Api.object();
        if (payload != null) {
            body.set("payload", payload(main().streams(), payload));
        }
        put(body, "delay", delay);
        put(body, "runAt", runAt);
        put(body, "priority", priority);
        return body;
    }

    static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    /** Reads JSON as it stands, out of {@code @FILE}, or from stdin for {@code -}. */
    static JsonNode payload(Streams streams, String text) {
        try {
            if (text.equals("-")) {
                return Api.parse("the payload", new String(streams.in().readAllBytes(), StandardCharsets.UTF_8));
            }
            if (text.startsWith("@")) {
                return Api.parse("the payload", Files.readString(Path.of(text.substring(1)), StandardCharsets.UTF_8));
            }
        } catch (IOException unreadable) {
            throw new Failure(Exit.USAGE, "the payload cannot be read: " + unreadable.getMessage());
        }
        return Api.parse("the payload", text);
    }

    @Command(name = "delete", description = "Delete jobs that are not running.")
    int delete(@Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids, @Mixin JobSelection selection)
            throws InterruptedException {
        if (!selection.ids(ids) || ids == null) {
            return new Bulk(main(), "delete", "jobs").run(selection.json());
        }
        if (main().dryRun()) {
            return planned("delete", ids);
        }
        main().confirm("Delete " + ids.size() + (ids.size() == 1 ? " job" : " jobs"));
        Api api = main().api();
        return Each.run(main(), ids, id -> {
            api.delete(path(id));
            main().note("deleted " + id);
        });
    }
}
