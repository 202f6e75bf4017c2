package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Column;
import io.penstock.importer.ImportRun;
import io.penstock.importer.Report;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.wire.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock import SYSTEM}: takes jobs over from the Redis of another system; see docs/import.md. */
abstract class ImportRedisCommand implements Callable<Integer> {
    private static final Set<String> STATES = Set.of("waiting", "delayed", "failed");

    /** A slice of 500 jobs takes milliseconds; a source that is this slow should be left alone. */
    private static final Duration SOURCE_TIMEOUT = Duration.ofSeconds(15);

    /** Threads of the client of the source. */
    private static final int MOST_THREADS = 16;

    private static final long PROGRESS_JOBS = 10_000;

    private static final List<Column> QUEUES = List.of(
            Column.of("FROM", "/from"),
            Column.of("STATE", "/state"),
            Column.of("TO", "/to"),
            Column.number("FOUND", "/found"),
            Column.number("IMPORTED", "/imported"),
            Column.number("BEFORE", "/before"),
            Column.number("NOT TAKEN", "/notTaken"),
            Column.number("REMOVED", "/removed"));

    private final String system;
    private final String defaultPrefix;

    @ParentCommand
    private @Nullable ImportCommand noun;

    @Option(names = "--from", required = true, paramLabel = "URI", description = "Redis of the source: redis://...")
    private String from = "";

    @Option(names = "--prefix", paramLabel = "P", description = "Prefix of the source's keys (bull; Sidekiq: none).")
    private @Nullable String prefix;

    @Option(names = "--queue", paramLabel = "SRC[=DST]", description = "Only this queue, and what it is called here.")
    private List<String> queues = new ArrayList<>();

    @Option(names = "--type", paramLabel = "SRC=DST", description = "What jobs of this name are called here.")
    private List<String> types = new ArrayList<>();

    @Option(names = "--state", paramLabel = "STATE", split = ",", description = "waiting, delayed, failed (all three).")
    private Set<String> states = new TreeSet<>(STATES);

    @Option(
            names = "--priority",
            paramLabel = "N=LEVEL",
            description = "Priorities of Bull up to N become this level; give several.")
    private Map<Integer, String> priorities = new TreeMap<>();

    @Option(names = "--retry-failed", description = "Failed jobs run again instead of becoming dead letters.")
    private boolean retryFailed;

    @Option(names = "--delete-source", description = "Remove from the source what is in for sure.")
    private boolean deleteSource;

    @Option(names = "--window", paramLabel = "TIME", description = "How long a job is known to have come (30d).")
    private Duration window = Duration.ofDays(30);

    @Option(names = "--patience", paramLabel = "TIME", description = "How long nothing may get in (10m).")
    private Duration patience = Duration.ofMinutes(10);

    ImportRedisCommand(String system, String defaultPrefix) {
        this.system = system;
        this.defaultPrefix = defaultPrefix;
    }

    /** Bull 3 and 4. */
    @Command(name = "bull", description = "Take jobs over from Bull 3 or 4.")
    static final class Bull extends ImportRedisCommand {
        Bull() {
            super("bull", "bull");
        }
    }

    /** BullMQ 4 to 6. */
    @Command(name = "bullmq", description = "Take jobs over from BullMQ 4 to 6.")
    static final class BullMq extends ImportRedisCommand {
        BullMq() {
            super("bullmq", "bull");
        }
    }

    /** Sidekiq 6 to 8. */
    @Command(name = "sidekiq", description = "Take jobs over from Sidekiq 6 to 8.")
    static final class Sidekiq extends ImportRedisCommand {
        Sidekiq() {
            super("sidekiq", "");
        }
    }

    /** asynq from 0.18 on. */
    @Command(name = "asynq", description = "Take jobs over from asynq (Go).")
    static final class Asynq extends ImportRedisCommand {
        Asynq() {
            super("asynq", "");
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Main main = Parent.of(noun).main();
        ImportRun.Wish wish = wish(main);
        if (deleteSource) {
            main.confirm("Remove jobs from the source once they are in");
        }
        Sending sending = new Sending(main, main.api(), patience, "/api/v1/jobs:import?window=" + Spans.format(window));
        try (Threads threads = new Threads(MOST_THREADS);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(new RedisConfig(from, SOURCE_TIMEOUT), Clock.system(), timer)) {
            ImportRun run = new ImportRun(wish, redis, Clock.system(), target(sending));
            run.onProgress(progress(main));
            Report report = run.run();
            show(main, report, run.slowestMillis());
            return report.partly() ? report.taken() == 0 ? Exit.FAILURE : Exit.PARTLY : Exit.OK;
        } catch (RedisException away) {
            throw new Failure(Exit.UNREACHABLE, "the source: " + away.getMessage());
        } catch (IllegalArgumentException wrong) {
            throw new Failure(Exit.USAGE, String.valueOf(wrong.getMessage()));
        }
    }

    private ImportRun.Wish wish(Main main) {
        if (!STATES.containsAll(states)) {
            throw new Failure(Exit.USAGE, "--state " + states + " is not of waiting, delayed, failed");
        }
        if (prefix != null && system.equals("asynq")) {
            throw new Failure(Exit.USAGE, "--prefix: the keys of asynq have none but their own");
        }
        if (!priorities.isEmpty() && defaultPrefix.isEmpty()) {
            throw new Failure(Exit.USAGE, "--priority: " + system + " has no priorities of jobs");
        }
        return new ImportRun.Wish(
                system,
                prefix == null ? defaultPrefix : prefix,
                named(queues, false),
                named(types, true),
                states,
                priorities,
                retryFailed,
                main.dryRun(),
                deleteSource);
    }

    private static Map<String, String> named(List<String> told, boolean both) {
        Map<String, String> names = new TreeMap<>();
        for (String each : told) {
            int split = each.lastIndexOf('=');
            if (split < 0 && both) {
                throw new Failure(Exit.USAGE, "--type " + each + " lacks what it is called here: SRC=DST");
            }
            names.put(split < 0 ? each : each.substring(0, split), split < 0 ? "" : each.substring(split + 1));
        }
        return names;
    }

    private static ImportRun.Target target(Sending sending) {
        return new ImportRun.Target() {
            @Override
            public JsonNode send(String lines) throws InterruptedException {
                return sending.batch(lines);
            }

            @Override
            public long duplicates() {
                return sending.duplicates();
            }
        };
    }

    private static LongConsumer progress(Main main) {
        if (!main.streams().terminalErr()) {
            return read -> {};
        }
        long[] told = {0};
        return read -> {
            if (read - told[0] >= PROGRESS_JOBS) {
                told[0] = read;
                main.note("penstock: " + read + " jobs read");
            }
        };
    }

    private void show(Main main, Report report, long slowestMillis) {
        ObjectNode json = report.json();
        json.put("system", system).put("dryRun", main.dryRun()).put("slowestReadMillis", slowestMillis);
        if (!main.output().human()) {
            main.output().one(json);
            return;
        }
        main.output().list(QUEUES, json.path("queues"));
        told(main, "not taken", json.path("notTaken"));
        told(main, "warning", json.path("warnings"));
        told(main, "stays in the source", json.path("staysBehind"));
        told(main, "not removed", json.path("removals"));
        if (main.dryRun()) {
            main.note("penstock: dry run: nothing was imported or removed");
        }
    }

    private static void told(Main main, String kind, JsonNode lines) {
        for (JsonNode line : lines) {
            List<String> samples = new ArrayList<>();
            line.path("samples").forEach(sample -> samples.add(sample.asText()));
            main.output()
                    .paragraph(kind + ": " + line.path("count").asLong() + " "
                            + line.path("what").asText()
                            + (samples.isEmpty() ? "" : " (" + String.join("; ", samples) + ")"));
        }
    }
}
