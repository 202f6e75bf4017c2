package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import io.penstock.runtime.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock redis}: how the server's Redis does. */
@Command(name = "redis", description = "Look at the server's Redis.")
final class RedisCommand extends Noun {
    private static final String PATH = "/api/v1/redis";

    private static final List<Column> LATENCY = List.of(
            Column.of("WHAT", "/what"),
            millis("P50 MS", "/p50Millis"),
            millis("P95 MS", "/p95Millis"),
            millis("P99 MS", "/p99Millis"),
            millis("MAX MS", "/maxMillis"),
            millis("MEAN MS", "/ewmaMillis"),
            Column.number("ANSWERS", "/count"),
            Column.number("SINCE START", "/totalCount").onlyWide());

    private static final List<Column> LOOKS = List.of(
            Column.of("TIME", "/timestamp"),
            millis("MEAN MS", "/meanMillis"),
            millis("P99 MS", "/p99Millis"),
            millis("MAX MS", "/maxMillis"));

    private static final List<Column> SLOWEST = List.of(
            Column.of("AT", "/at"),
            new Column("TOOK", false, true, row -> row.path("micros").asLong() / 1_000 + " ms"),
            Column.of("COMMAND", "/command"));

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static Column millis(String title, String pointer) {
        return new Column(title, false, true, row -> millis(row.at(pointer)));
    }

    private static String millis(JsonNode number) {
        return number.isNumber() ? String.format(Locale.ROOT, "%.2f", number.asDouble()) : "";
    }

    @Command(name = "info", description = "Show how Redis does; ends with 10 if it is down.")
    int info() {
        JsonNode redis = main().api().get(PATH);
        if (main().output().human()) {
            screen(redis);
        } else {
            main().output().one(redis);
        }
        return redis.path("status").asText().equals("DOWN") ? Exit.UNHEALTHY : Exit.OK;
    }

    private void screen(JsonNode redis) {
        Instant now = Instant.ofEpochMilli(Clock.system().millis());
        line("redis", redis.path("address").asText());
        line(
                "health",
                redis.path("status").asText() + " for " + Ages.since(redis.path("since"), now)
                        + (redis.path("reason").asText().isEmpty()
                                ? ""
                                : ": " + redis.path("reason").asText()));
        JsonNode latency = redis.path("latency");
        line(
                "latency",
                "mean " + millis(latency.path("ewmaMillis")) + "  p50 " + millis(latency.path("p50Millis")) + "  p99 "
                        + millis(latency.path("p99Millis")) + "  max " + millis(latency.path("maxMillis")) + " ms");
        JsonNode memory = redis.path("memory");
        String most = memory.path("maxBytes").isNull()
                ? ", no limit"
                : " of " + MemoryScreen.size(memory.path("maxBytes")) + " ("
                        + MemoryScreen.percent(memory.path("share"), 1) + ")";
        line("memory", MemoryScreen.size(memory.path("usedBytes")) + most);
        line(
                "evicted",
                memory.path("evictedKeys").asLong() + " keys, "
                        + memory.path("evictedSinceLast").asLong() + " since the last look");
        JsonNode replication = redis.path("replication");
        line(
                "replication",
                replication.path("role").asText() + ", "
                        + replication.path("replicas").asLong() + " replicas"
                        + (replication.path("primaryLinkUp").asBoolean() ? "" : ", the link to the primary is down"));
        line("persistence", redis.path("persistence").asText());
        line(
                "clients",
                redis.path("clients").asLong() + ", of them this server's "
                        + redis.path("connections").asLong());
        JsonNode slowlog = redis.path("slowlog");
        line("slow", slowlog.path("sinceLast").asLong() + " commands since the last look");
        if (!slowlog.path("slowest").isEmpty()) {
            main().output().text("");
            main().output().list(SLOWEST, slowlog.path("slowest"));
        }
    }

    private void line(String name, String text) {
        main().output().paragraph(String.format(Locale.ROOT, "%-12s %s", name, text));
    }

    @Command(name = "pool", description = "Show the dedicated connections, and who waits for one.")
    int pool() {
        main().output().one(main().api().get(PATH + "/pool"));
        return Exit.OK;
    }

    @Command(name = "latency", description = "Show how fast Redis answers.")
    int latency(@Option(names = "--recent", description = "Show the looks of the last hour.") boolean recent) {
        JsonNode latency = main().api().get(PATH + "/latency");
        if (!main().output().human()) {
            main().output().one(latency);
            return Exit.OK;
        }
        if (recent) {
            List<JsonNode> looks = new ArrayList<>();
            latency.path("recent").forEach(looks::add);
            int most = main().limit(LISTED);
            main().output().list(LOOKS, looks.subList(Math.max(0, looks.size() - most), looks.size()));
            return Exit.OK;
        }
        List<JsonNode> rows = new ArrayList<>();
        for (String what : List.of("command", "acquire")) {
            ObjectNode row = Api.object().put("what", what);
            row.setAll((ObjectNode) latency.path(what));
            rows.add(row);
        }
        main().output().list(LATENCY, rows);
        return Exit.OK;
    }
}
