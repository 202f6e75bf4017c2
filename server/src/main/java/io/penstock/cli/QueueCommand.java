package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock queue}: queues and what is set about them. */
@Command(name = "queue", description = "Look at, set, pause and empty queues.", subcommands = QueueGroupCommand.class)
final class QueueCommand extends Noun {
    static final List<Column> COLUMNS = List.of(
            Column.of("QUEUE", "/name"),
            Column.of("STATUS", "/status"),
            Column.number("WAIT", "/counts/waiting"),
            Column.number("DELAY", "/counts/delayed"),
            Column.number("ACTIVE", "/counts/active"),
            Column.number("FAILED", "/counts/failed"),
            new Column("OLDEST", false, true, row -> Ages.millis(row.path("oldestWaitingMillis"))),
            Column.number("PER S", "/throughputPerSecond"),
            Column.number("DONE", "/counts/completed").onlyWide(),
            Column.number("CANCELLED", "/counts/cancelled").onlyWide(),
            Column.number("AVG MS", "/avgProcessingMillis").onlyWide(),
            Column.number("ERRORS", "/errorRate").onlyWide(),
            Column.number("BYTES", "/bytes").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    static String path(String name) {
        return "/api/v1/queues/" + Api.quoted(name);
    }

    @Command(name = "list", description = "List queues.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), "/api/v1/queues", main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show a queue and its settings.")
    int get(@Parameters(arity = "1..*", paramLabel = "QUEUE") List<String> names) {
        Api api = main().api();
        return Each.run(main(), names, name -> main().output().one(api.get(path(name))));
    }

    @Command(name = "stats", description = "Show the counts and totals of a queue.")
    int stats(@Parameters(arity = "1..*", paramLabel = "QUEUE") List<String> names) {
        Api api = main().api();
        return Each.run(main(), names, name -> main().output().one(api.get(path(name) + "/stats")));
    }

    @Command(
            name = "set",
            description =
                    "Change settings: maxJobs maxBytes maxPayloadBytes aging completed.age completed.count completed.bytes"
                            + " failed.age failed.count failed.bytes maxActive rate.jobs rate.per.")
    int set(
            @Parameters(index = "0", paramLabel = "QUEUE") String name,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings) {
        ObjectNode body = Api.object();
        settings.forEach(setting -> put(body, setting));
        if (main().dryRun()) {
            return planned("set " + body + " on", List.of(name));
        }
        Api api = main().api();
        api.patchOrPut(path(name), body);
        main().output().one(api.get(path(name)));
        return Exit.OK;
    }

    static void put(ObjectNode body, String setting) {
        Assignment said = Assignment.of(setting);
        String key = said.key();
        String text = said.text();
        int dot = key.indexOf('.');
        ObjectNode target = dot < 0 ? body : body.withObject("/" + key.substring(0, dot));
        String field = key.substring(dot + 1);
        if (text.matches("-?\\d{1,18}")) {
            target.put(field, Long.parseLong(text));
        } else {
            target.put(field, text);
        }
    }

    @Command(name = "pause", description = "Hand out no jobs of these queues.")
    int pause(@Parameters(arity = "1..*", paramLabel = "QUEUE") List<String> names) {
        return act(names, "pause");
    }

    @Command(name = "resume", description = "Hand out and take in jobs again.")
    int resume(@Parameters(arity = "1..*", paramLabel = "QUEUE") List<String> names) {
        return act(names, "resume");
    }

    @Command(name = "drain", description = "Take in no new jobs, so that the queues run dry.")
    int drain(@Parameters(arity = "1..*", paramLabel = "QUEUE") List<String> names) {
        return act(names, "drain");
    }

    private int act(List<String> names, String verb) {
        if (main().dryRun()) {
            return planned(verb, names);
        }
        Api api = main().api();
        List<JsonNode> done = new ArrayList<>();
        int code = Each.run(main(), names, name -> done.add(api.post(path(name) + ":" + verb)));
        if (!done.isEmpty()) {
            main().output().list(COLUMNS, done);
        }
        return code;
    }

    @Command(name = "purge", description = "Drop all jobs of one state.")
    int purge(
            @Parameters(paramLabel = "QUEUE") String name,
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            defaultValue = "waiting",
                            description = "waiting (default), delayed, completed, failed or cancelled.")
                    String state) {
        Api api = main().api();
        if (main().dryRun()) {
            long count = api.get(path(name)).path("counts").path(state).asLong();
            return planned("drop " + count + " " + state + " jobs of", List.of(name));
        }
        main().confirm("Drop all " + state + " jobs of queue " + name);
        JsonNode answer = api.post(path(name) + ":purge", Api.object().put("state", state));
        main().output().one(answer);
        return Exit.OK;
    }

    @Command(name = "delete", description = "Delete queues with everything in them.")
    int delete(
            @Parameters(arity = "1..*", paramLabel = "QUEUE") List<String> names,
            @Option(names = "--force", description = "Also while workers serve them.") boolean force) {
        if (main().dryRun()) {
            return planned("delete", names);
        }
        main().confirm("Delete " + String.join(", ", names) + " with all jobs");
        Api api = main().api();
        return Each.run(main(), names, name -> {
            api.delete(path(name) + (force ? "?force=true" : ""));
            main().note("deleted " + name);
        });
    }

    private static final List<Column> CHECK = List.of(
            Column.of("QUEUE", "/queue"),
            Column.of("CLEAN", "/clean"),
            Column.number("LOOKED", "/looked"),
            Column.number("FAULTS", "/faults"),
            new Column("WHAT", false, false, QueueCommand::faults));

    /** The kinds of faults that there are, in words. */
    private static String faults(JsonNode report) {
        List<String> kinds = new ArrayList<>();
        for (String kind : List.of(
                "dropped", "restored", "indexed", "orphaned", "keys", "stale", "quarantined", "corrected", "flows")) {
            if (report.path(kind).asLong() > 0) {
                kinds.add(report.path(kind).asLong() + " " + kind);
            }
        }
        return String.join(", ", kinds);
    }

    @Command(
            name = "fsck",
            description = {
                "Look for what lost keys have left behind; exit 10 if something is wrong.",
                "With --repair mend it: jobs in no index wait again, entries without a job are dropped, records that"
                        + " cannot be read become dead letters, counters are corrected. Safe while queues are in use."
            })
    int fsck(
            @Option(names = "--queue", paramLabel = "Q", description = "Only this queue (all, also those not listed).")
                    @Nullable
                    String queue,
            @Option(names = "--repair", description = "Mend what is found.") boolean repair,
            @Option(
                            names = "--budget",
                            paramLabel = "N",
                            defaultValue = "100000",
                            description = "Entries and jobs looked at a queue (100000, to 1000000).")
                    int budget) {
        Api api = main().api();
        List<String> names = new ArrayList<>();
        if (queue != null) {
            names.add(queue);
        } else {
            api.post("/api/v1/queues:recover").path("queues").forEach(name -> names.add(name.asText()));
        }
        boolean mend = repair && !main().dryRun();
        List<JsonNode> reports = new ArrayList<>();
        int code = Each.run(main(), names, name -> {
            ObjectNode body = Api.object().put("repair", mend).put("budget", budget);
            JsonNode report = api.post(path(name) + ":fsck", body);
            reports.add(report);
            report.path("unchecked").forEach(what -> main().note(name + ": not looked at: " + what.asText()));
        });
        if (queue == null) {
            ObjectNode report =
                    (ObjectNode) api.post("/api/v1/schedules:fsck", Api.object().put("repair", mend));
            if (report.path("looked").asLong() > 0) {
                reports.add(report.put("queue", "(schedules)"));
            }
        }
        main().output().list(CHECK, reports);
        boolean wrong = !mend
                && reports.stream().anyMatch(report -> report.path("faults").asLong() > 0);
        return code == Exit.OK && wrong ? Exit.UNHEALTHY : code;
    }
}
