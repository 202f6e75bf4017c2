package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock schedule}: jobs that are enqueued again and again. */
@Command(name = "schedule", description = "Look at, make, try out and run schedules.")
final class ScheduleCommand extends Noun {
    private static final String PATH = "/api/v1/schedules";

    private static final List<Column> COLUMNS = List.of(
            Column.of("SCHEDULE", "/id"),
            Column.of("STATUS", "/status"),
            Column.of("WHEN", "/description"),
            Column.with("NEXT", row -> Ages.since(row.path("nextAt"))),
            Column.with("LAST", row -> Ages.since(row.path("lastRun"))),
            Column.number("RUNS", "/enqueued"),
            Column.of("TYPE", "/job/type"),
            Column.of("ORIGIN", "/origin").onlyWide(),
            Column.of("QUEUE", "/job/queue").onlyWide(),
            Column.of("ZONE", "/zone").onlyWide(),
            Column.of("MISFIRE", "/misfire").onlyWide(),
            Column.of("OVERLAP", "/overlap").onlyWide(),
            Column.number("LEFT OUT", "/overlapped").onlyWide(),
            Column.number("MISSED", "/missed").onlyWide(),
            Column.of("PROBLEM", "/problem").onlyWide());

    private static final List<Column> RUNS = List.of(
            Column.of("RUN", "/run"),
            Column.of("OUTCOME", "/outcome"),
            Column.number("COUNT", "/count"),
            Column.of("JOB", "/job"),
            Column.of("STATE", "/jobState"),
            Column.of("NOTE", "/note"));

    private static final List<Column> UPCOMING = List.of(
            Column.of("RUN", "/run"),
            Column.of("LOCAL", "/local"),
            Column.with("IN", row -> Ages.since(row.path("run")).replaceFirst("^in ", "")));

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static String path(String id) {
        return PATH + "/" + Api.quoted(id);
    }

    @Command(name = "list", description = "List schedules by id.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), PATH, main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show schedules, their next runs, and what became of the last ones.")
    int get(@Parameters(arity = "1..*", paramLabel = "SCHEDULE") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> {
            JsonNode schedule = api.get(path(id));
            if (!main().output().human()) {
                main().output().one(schedule);
                return;
            }
            show(schedule);
            main().output().text("");
            main().output().list(RUNS, api.get(path(id) + "/runs").path("items"));
        });
    }

    private void show(JsonNode schedule) {
        if (!main().output().human()) {
            main().output().one(schedule);
            return;
        }
        ObjectNode plain = schedule.deepCopy();
        plain.remove("descriptions");
        JsonNode next = plain.remove("upcoming");
        for (String empty : List.of("skip", "jitter")) {
            if (plain.path(empty).isEmpty() && !plain.path(empty).asText("0s").matches("(?!0s).+")) {
                plain.remove(empty);
            }
        }
        StringBuilder runs = new StringBuilder();
        next.forEach(run -> runs.append(runs.isEmpty() ? "" : "\n").append(run.asText()));
        plain.put("upcoming", runs.toString());
        main().output().one(plain);
    }

    /** When it runs; one of them. */
    private static final class When {
        @Option(names = "--cron", paramLabel = "EXPR", description = "5 or 6 fields, or @daily and the like.")
        private @Nullable String cron;

        @Option(names = "--every", paramLabel = "TIME", description = "At a fixed rate, such as 15m.")
        private @Nullable String every;

        @Option(names = "--fixed-delay", paramLabel = "TIME", description = "So long after the end of each run.")
        private @Nullable String fixedDelay;

        void put(ObjectNode body) {
            List.of("cron", "every", "fixedDelay", "clockChange").forEach(body::remove);
            JobCommand.put(body, "cron", cron);
            JobCommand.put(body, "every", every);
            JobCommand.put(body, "fixedDelay", fixedDelay);
        }
    }

    /** What is enqueued. */
    private static final class What {
        @Option(names = "--type", paramLabel = "TYPE", description = "Type of the job.")
        private @Nullable String type;

        @Option(names = "--queue", paramLabel = "Q", description = "Its queue (default).")
        private @Nullable String queue;

        @Option(names = "--payload", paramLabel = "JSON|@FILE|-", description = "Its data ({}).")
        private @Nullable String payload;
    }

    @Command(
            name = "set",
            description = "Make a schedule or change some of it; KEY=VALUE: zone misfire=skip|once|catch-up catchUp"
                    + " overlap=allow|skip|queue|replace jitter start end clockChange=clock|elapsed skip=DAY,DAY;"
                    + " an empty value takes it back to what is usual.")
    int set(
            @Parameters(index = "0", paramLabel = "SCHEDULE") String id,
            @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE") @Nullable List<String> settings,
            @ArgGroup @Nullable When when,
            @ArgGroup(exclusive = false) @Nullable What what) {
        Api api = main().api();
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        ObjectNode body = known(api, id, headers);
        if (when != null) {
            when.put(body);
        }
        job(body.withObject("/job"), what);
        for (String setting : settings == null ? List.<String>of() : settings) {
            put(body, Assignment.of(setting));
        }
        if (main().dryRun()) {
            return planned("write " + body + " as", List.of(id));
        }
        show(Api.parse(
                "the answer",
                api.send("PUT", path(id), body.toString(), headers).body()));
        return Exit.OK;
    }

    /** What it is now, as far as it can be written; nothing if it is new. */
    private static ObjectNode known(Api api, String id, Map<String, String> headers) {
        try {
            HttpResponse<String> known = api.send("GET", path(id), null, Map.of());
            ObjectNode body = (ObjectNode) Api.parse("the schedule", known.body());
            body.retain(
                    "cron",
                    "every",
                    "fixedDelay",
                    "clockChange",
                    "zone",
                    "job",
                    "misfire",
                    "catchUp",
                    "overlap",
                    "jitter",
                    "start",
                    "end",
                    "skip");
            known.headers().firstValue("ETag").ifPresent(tag -> headers.put("If-Match", tag));
            return body;
        } catch (Failure failure) {
            if (failure.code() != Exit.NOT_FOUND) {
                throw failure;
            }
            return Api.object();
        }
    }

    private void job(ObjectNode job, @Nullable What what) {
        if (what != null) {
            JobCommand.put(job, "type", what.type);
            JobCommand.put(job, "queue", what.queue);
            if (what.payload != null) {
                job.set("payload", JobCommand.payload(main().streams(), what.payload));
            }
        }
        if (!job.has("queue")) {
            job.put("queue", "default");
        }
        if (!job.has("type")) {
            throw new Failure(Exit.USAGE, "a new schedule needs the --type of its job");
        }
    }

    private static void put(ObjectNode body, Assignment said) {
        if (said.key().equals("misfire")) {
            body.remove("catchUp");
        }
        if (said.text().isEmpty()) {
            body.remove(said.key());
        } else if (said.key().equals("skip")) {
            List.of(said.text().split(",", -1)).forEach(body.putArray("skip")::add);
        } else if (said.key().equals("catchUp") && said.text().matches("\\d{1,9}")) {
            body.put("catchUp", Integer.parseInt(said.text())).put("misfire", "catch-up");
        } else {
            body.put(said.key(), said.text());
        }
    }

    @Command(name = "preview", description = "Tell the next runs of a cron expression, a rate, or a schedule.")
    int preview(
            @Parameters(paramLabel = "EXPR|TIME|SCHEDULE", description = "Such as \"0 9 * * MON-FRI\", 15m or nightly.")
                    String when,
            @Option(names = "--zone", paramLabel = "ZONE", description = "Such as Europe/Berlin (UTC).") @Nullable
                    String zone,
            @Option(names = "--from", paramLabel = "INSTANT", description = "After this (now).") @Nullable String from,
            @Option(names = "--count", paramLabel = "N", defaultValue = "10", description = "How many (10).")
                    int count) {
        Api api = main().api();
        ObjectNode body = Api.object().put("count", count);
        JobCommand.put(body, "from", from);
        if (when.contains(" ") || when.startsWith("@")) {
            body.put("cron", when);
        } else if (when.matches("\\d.*|P[T\\d].*")) {
            body.put("every", when);
        } else {
            JsonNode schedule = api.get(path(when));
            for (String field : List.of("cron", "every", "fixedDelay", "clockChange", "zone", "start", "end", "skip")) {
                if (schedule.hasNonNull(field)) {
                    body.set(field, schedule.path(field));
                }
            }
        }
        JobCommand.put(body, "zone", zone);
        JsonNode answer = api.post(PATH + ":preview", body);
        if (!main().output().human()) {
            main().output().one(answer);
            return Exit.OK;
        }
        main().note(answer.path("description").asText());
        List<JsonNode> rows = new java.util.ArrayList<>();
        for (int i = 0; i < answer.path("runs").size(); i++) {
            rows.add(Api.object()
                    .put("run", answer.path("runs").path(i).asText())
                    .put("local", answer.path("local").path(i).asText()));
        }
        main().output().list(UPCOMING, rows);
        return Exit.OK;
    }

    @Command(name = "run", description = "Enqueue the jobs of schedules now; prints their ids.")
    int run(@Parameters(arity = "1..*", paramLabel = "SCHEDULE") List<String> ids) {
        if (main().dryRun()) {
            return planned("run", ids);
        }
        Api api = main().api();
        return Each.run(main(), ids, id -> {
            JsonNode receipt = api.post(path(id) + ":run");
            if (main().output().human()) {
                main().output().text(receipt.path("job").asText());
            } else {
                main().output().one(receipt);
            }
        });
    }

    @Command(name = "pause", description = "Start no runs; those that fall due are not made up for.")
    int pause(@Parameters(arity = "1..*", paramLabel = "SCHEDULE") List<String> ids) {
        return act("pause", ids);
    }

    @Command(name = "resume", description = "Start runs again, from now on.")
    int resume(@Parameters(arity = "1..*", paramLabel = "SCHEDULE") List<String> ids) {
        return act("resume", ids);
    }

    private int act(String verb, List<String> ids) {
        if (main().dryRun()) {
            return planned(verb, ids);
        }
        Api api = main().api();
        return Each.run(main(), ids, id -> {
            JsonNode schedule = api.post(path(id) + ":" + verb);
            if (main().output().human()) {
                main().output()
                        .text(id + " is " + schedule.path("status").asText()
                                + (schedule.hasNonNull("nextAt")
                                        ? ", next " + schedule.path("nextAt").asText()
                                        : ""));
            } else {
                main().output().one(schedule);
            }
        });
    }

    @Command(name = "delete", description = "Delete schedules with their history; their jobs stay.")
    int delete(@Parameters(arity = "1..*", paramLabel = "SCHEDULE") List<String> ids) {
        return deleted(ids, ScheduleCommand::path);
    }
}
