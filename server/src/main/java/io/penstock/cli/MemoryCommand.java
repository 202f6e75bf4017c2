package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock memory}: what the server's memory is like, and what can be done about it. */
@Command(
        name = "memory",
        description = "Look at the server's memory, and free some.",
        subcommands = MemoryPolicyCommand.class)
final class MemoryCommand extends Noun {
    private static final String PATH = "/api/v1/memory";
    private static final Duration PERIOD = Duration.ofSeconds(2);

    /** Between two looks for a report that takes long. */
    private static final long PAUSE_MILLIS = 500;

    /** A run ends within a minute and two collections. */
    private static final long LONGEST_RUN_SECONDS = 120;

    private static final List<Column> HISTORY = List.of(
            Column.of("TIME", "/timestamp"),
            MemoryScreen.bytes("HEAP", "/heapUsedBytes"),
            MemoryScreen.bytes("LIVE", "/liveSetBytes"),
            MemoryScreen.bytes("RSS", "/rssBytes"),
            MemoryScreen.bytes("DIRECT", "/directBytes"),
            new Column("PRESSURE", false, true, row -> MemoryScreen.percent(row.path("pressure"), 1)),
            new Column("GC", false, true, row -> MemoryScreen.percent(row.path("gcPauseShare"), 1)),
            Column.number("SAMPLES", "/samples").onlyWide());

    private static final List<Column> CLASSES = List.of(
            Column.of("CLASS", "/className"),
            Column.number("INSTANCES", "/instances"),
            MemoryScreen.bytes("BYTES", "/bytes"));

    private static final List<Column> OLD_OBJECTS = List.of(
            Column.of("CLASS", "/className"),
            Column.number("SAMPLES", "/samples"),
            Column.number("OLDEST S", "/oldestSeconds"));

    private static final List<Column> RUNS = List.of(
            Column.of("ID", "/id"),
            Column.of("STRATEGY", "/strategy"),
            Column.of("STARTED", "/startedAt"),
            new Column("TOOK", false, true, row -> Ages.millis(row.path("durationMillis"))),
            MemoryScreen.bytes("FREED", "/freedBytes"),
            MemoryScreen.bytes("RETURNED", "/rssReturnedBytes"),
            Column.of("GOAL MET", "/success"),
            Column.of("REASON", "/reason").onlyWide());

    private static final List<Column> SNAPSHOTS = List.of(
            Column.of("ID", "/id"),
            Column.of("TIME", "/timestamp"),
            Column.of("LEVEL", "/level"),
            MemoryScreen.bytes("HEAP", "/heapUsedBytes"),
            MemoryScreen.bytes("RSS", "/rssBytes"),
            Column.of("HISTOGRAM", "/hasHistogram"));

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    @Command(name = "status", description = "Show how memory stands; ends with 10 if it is critical.")
    int status() {
        return show(main().api());
    }

    private int show(Api api) {
        JsonNode memory = api.get(PATH);
        if (main().output().human()) {
            new MemoryScreen(main().output(), main().streams().width()).show(memory);
        } else {
            main().output().one(memory);
        }
        boolean unhealthy = memory.at("/health/status").asText().equals("unhealthy");
        return unhealthy ? Exit.UNHEALTHY : Exit.OK;
    }

    @Command(name = "watch", description = "Show how memory stands, again and again.")
    int watch(
            @Option(names = "--period", paramLabel = "TIME", description = "Between two looks (2s).") @Nullable
                    Duration period,
            @Option(names = "--count", paramLabel = "N", description = "End after so many looks.") @Nullable
                    Integer count) {
        long pause = Math.max(100, (period == null ? PERIOD : period).toMillis());
        Api api = main().api();
        int code = Exit.OK;
        for (int looks = 0; count == null || looks < count; looks++) {
            try {
                if (looks > 0) {
                    TimeUnit.MILLISECONDS.sleep(pause);
                }
            } catch (InterruptedException enough) {
                return Exit.INTERRUPTED;
            }
            if (main().streams().terminalOut()) {
                main().streams().out().print(Watching.CLEAR);
            }
            code = show(api);
            if (main().streams().out().checkError()) {
                return code; // nobody reads any more
            }
        }
        return code;
    }

    @Command(name = "history", description = "Show what memory was like.")
    int history(
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            defaultValue = "1h",
                            description = "An instant, or 15m for so long ago (1h).")
                    String from,
            @Option(names = "--to", paramLabel = "TIME", description = "An instant, or so long ago (now).") @Nullable
                    String to,
            @Option(names = "--points", paramLabel = "N", defaultValue = "20", description = "At most (20).")
                    int points) {
        String query = "?from=" + Api.quoted(from) + "&points=" + points + (to == null ? "" : "&to=" + Api.quoted(to));
        main().output()
                .list(HISTORY, main().api().get(PATH + "/history" + query).path("points"));
        return Exit.OK;
    }

    @Command(name = "trend", description = "Show where the live set is going.")
    int trend() {
        JsonNode trend = main().api().get(PATH + "/trend");
        if (main().output().human()) {
            main().output().paragraph(MemoryScreen.trend(trend));
        } else {
            main().output().one(trend);
        }
        return Exit.OK;
    }

    @Command(name = "optimize", description = "Free memory and show what that gave, as it was measured.")
    int optimize(
            @Option(
                            names = "--strategy",
                            paramLabel = "NAME",
                            defaultValue = "standard",
                            description = "standard (default), aggressive, preventive, emergency, or one of your own.")
                    String strategy,
            @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "manual", description = "For the report.")
                    String reason,
            @Option(names = "--force", description = "Also when the last run was a moment ago.") boolean force,
            @Option(names = "--list", description = "Show the last reports and run nothing.") boolean list)
            throws InterruptedException {
        Api api = main().api();
        if (list) {
            main().output()
                    .list(
                            RUNS,
                            api.get(PATH + "/optimizations?limit=" + main().limit(LISTED))
                                    .path("items"));
            return Exit.OK;
        }
        if (main().dryRun()) {
            return planned("optimize by", List.of(strategy));
        }
        ObjectNode body =
                Api.object().put("strategy", strategy).put("reason", reason).put("force", force);
        JsonNode report = ended(api, api.post(PATH + "/optimizations", body));
        if (main().output().human() && report.path("status").asText().equals("done")) {
            new MemoryScreen(main().output(), main().streams().width()).report(report);
        } else {
            main().output().one(report);
        }
        return report.path("status").asText().equals("done") ? Exit.OK : Exit.TIMED_OUT;
    }

    /** The server answers without a report when the run takes long. */
    private JsonNode ended(Api api, JsonNode first) throws InterruptedException {
        JsonNode report = first;
        long looks = LONGEST_RUN_SECONDS * 1_000 / PAUSE_MILLIS;
        while (report.path("status").asText().equals("running") && looks-- > 0) {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            report = api.get(
                    PATH + "/optimizations/" + Api.quoted(first.path("id").asText()));
        }
        return report;
    }

    @Command(name = "snapshot", description = "Take a snapshot: numbers, job types and, if asked for, classes.")
    int snapshot(
            @Parameters(arity = "0..1", paramLabel = "ID", description = "Show this one and take none.") @Nullable
                    String id,
            @Option(names = "--histogram", description = "With classes; stops the server for that long.")
                    boolean histogram,
            @Option(names = "--list", description = "Show those that are kept and take none.") boolean list) {
        Api api = main().api();
        if (list) {
            main().output().list(SNAPSHOTS, api.get(PATH + "/snapshots").path("items"));
            return Exit.OK;
        }
        if (id != null) {
            main().output().one(api.get(PATH + "/snapshots/" + Api.quoted(id)));
            return Exit.OK;
        }
        if (main().dryRun()) {
            return planned("take", List.of("a snapshot"));
        }
        main().output().one(api.post(PATH + "/snapshots", Api.object().put("histogram", histogram)));
        return Exit.OK;
    }

    @Command(
            name = "old-objects",
            description = "Sample which objects stay, by the flight recorder: until --end, or for ten minutes.")
    int oldObjects(@Option(names = "--end", description = "End it and show what was old.") boolean end) {
        String verb = end ? "end" : "begin";
        if (main().dryRun()) {
            return planned(verb, List.of("the sampling of old objects"));
        }
        JsonNode answer = main().api().post(PATH + "/old-objects:" + verb);
        if (end && main().output().human()) {
            main().output().list(OLD_OBJECTS, answer.path("oldObjects"));
        } else {
            main().output().one(answer);
        }
        return Exit.OK;
    }

    @Command(
            name = "dump",
            description = "Write a dump of the heap into the server's data directory; stops the server for that long.")
    int dump() {
        if (main().dryRun()) {
            return planned("write", List.of("a heap dump"));
        }
        main().output().one(main().api().post(PATH + "/heap-dump"));
        return Exit.OK;
    }

    @Command(name = "histogram", description = "Show which classes fill the heap; stops the server while it looks.")
    int histogram(
            @Option(names = "--top", paramLabel = "N", defaultValue = "20", description = "Classes (20).") int top) {
        Api api = main().api();
        JsonNode estimate = api.get(PATH + "/histogram?estimate=true");
        long millis = estimate.path("estimatedPauseMillis").asLong();
        if (main().dryRun()) {
            main().output().text("would stop the server for about " + millis + " ms");
            return Exit.OK;
        }
        main().note("stopping the server for about " + millis + " ms");
        JsonNode histogram = api.get(PATH + "/histogram?top=" + top);
        if (!main().output().human()) {
            main().output().one(histogram);
            return Exit.OK;
        }
        main().output().list(CLASSES, histogram.path("classes"));
        main().note("it stood still for " + histogram.path("pauseMillis").asLong() + " ms");
        if (!histogram.path("growth").isEmpty()) {
            main().output().text("");
            main().output().text("more than in the first histogram:");
            main().output().list(CLASSES, histogram.path("growth"));
        }
        return Exit.OK;
    }
}
