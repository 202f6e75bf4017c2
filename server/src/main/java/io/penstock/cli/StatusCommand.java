package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Output;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code penstock status}: one screen, {@value #LINES} lines at most. */
@Command(
        name = "status",
        description = "Show how the server, its queues, its memory and its Redis are; ends with 10 if unhealthy.")
final class StatusCommand implements Callable<Integer> {
    /** A terminal has 24, and the prompt needs one. */
    private static final int LINES = 23;

    private static final int MOST_PROBLEMS = 3;

    @ParentCommand
    private @Nullable Main main;

    @Override
    public Integer call() {
        Main parent = Parent.of(main);
        Api api = parent.api();
        ObjectNode all = Api.object();
        JsonNode health = api.health();
        all.set("status", health.path("status"));
        all.set("info", api.get("/api/v1/info"));
        all.set("health", health);
        boolean away = health.at("/services/redis/status").asText().equals("DOWN");
        all.set("queues", away ? null : items(api, "/api/v1/queues?limit=500"));
        all.set("workers", away ? null : items(api, "/api/v1/workers"));
        all.set("memory", api.get("/api/v1/memory"));
        ObjectNode redis = all.putObject("redis");
        for (JsonNode metric :
                api.get("/api/v1/monitoring/series?prefix=redis.&limit=500").path("items")) {
            redis.set(metric.path("metric").asText().substring("redis.".length()), metric.path("latest"));
        }
        if (parent.output().human()) {
            screen(parent.output(), all);
        } else {
            parent.output().one(all);
        }
        return all.path("status").asText().equals("unhealthy") ? Exit.UNHEALTHY : Exit.OK;
    }

    /** Returns null if Redis does not answer: then the rest, which says so, is all the more worth showing. */
    private static @Nullable JsonNode items(Api api, String path) {
        try {
            return api.get(path).path("items");
        } catch (Failure failure) {
            if (failure.code() != Exit.UNREACHABLE) {
                throw failure;
            }
            return null;
        }
    }

    private static void screen(Output output, JsonNode all) {
        int workers = all.path("workers").size();
        int used = output.paragraph("penstock " + all.at("/info/version").asText() + "  "
                + all.path("status").asText() + "  up " + Ages.millis(all.at("/info/uptimeMillis")) + "  " + workers
                + (workers == 1 ? " worker" : " workers"));
        used += problems(output, all.path("health"));
        used += output.paragraph("memory  " + memory(all.path("memory")));
        used += output.paragraph("redis   " + redis(all.path("redis"), all.path("health")));
        queues(output, all.path("queues"), LINES - used);
    }

    private static int problems(Output output, JsonNode health) {
        int used = 0;
        int found = 0;
        List<String> problems = new ArrayList<>();
        for (JsonNode check : health.path("checks")) {
            if (!check.path("status").asText().equals("ok")) {
                problems.add(check.path("status").asText() + ": "
                        + check.path("name").asText() + ": "
                        + check.path("detail").asText());
            }
        }
        health.path("services").properties().forEach(service -> {
            if (!service.getValue().path("status").asText().equals("UP")) {
                problems.add(service.getValue().path("status").asText() + ": " + service.getKey() + ": "
                        + service.getValue().path("reason").asText());
            }
        });
        int most = 2 * output.width() - 10; // two lines
        for (String text : problems) {
            if (++found <= MOST_PROBLEMS) {
                used += output.paragraph(text.length() <= most ? text : text.substring(0, most - 1) + "\u2026");
            }
        }
        if (found > MOST_PROBLEMS) {
            used += output.paragraph((found - MOST_PROBLEMS) + " more: penstock doctor");
        }
        return used;
    }

    private static String memory(JsonNode memory) {
        JsonNode sample = memory.path("sample");
        return memory.path("level").asText() + "  RSS " + MemoryScreen.size(sample.path("rssBytes")) + "  heap "
                + MemoryScreen.size(sample.path("heapUsedBytes")) + " of "
                + MemoryScreen.size(sample.path("heapMaxBytes")) + "  live "
                + MemoryScreen.size(sample.path("liveSetBytes"));
    }

    /** Only what somebody knows: the first numbers come within ten seconds. */
    private static String redis(JsonNode redis, JsonNode health) {
        List<String> parts = new ArrayList<>();
        for (JsonNode check : health.path("checks")) {
            if (check.path("name").asText().equals("redis")) {
                parts.add(check.path("status").asText());
            }
        }
        JsonNode p99 = redis.path("latency.p99.millis");
        if (p99.isNumber()) {
            parts.add(String.format(Locale.ROOT, "p99 %.1f ms", p99.asDouble()));
        }
        if (redis.path("memory.share").isNumber()) {
            parts.add("memory " + MemoryScreen.percent(redis.path("memory.share"), 1));
        }
        if (redis.path("clients").isNumber()) {
            parts.add(redis.path("clients").asLong() + " clients");
        }
        if (redis.path("pool.total").isNumber()) {
            parts.add("pool " + redis.path("pool.active").asLong() + " of "
                    + redis.path("pool.total").asLong() + " in use, "
                    + redis.path("pool.waiting").asLong() + " waiting, "
                    + redis.path("pool.timeouts").asLong() + " timeouts");
        }
        return String.join("  ", parts);
    }

    /** @param room lines that are left */
    private static void queues(Output output, JsonNode queues, int room) {
        if (queues.isNull()) {
            output.text("queues  not known while Redis does not answer");
            return;
        }
        if (queues.isEmpty()) {
            output.text("no queues yet; try: penstock job enqueue TYPE");
            return;
        }
        List<JsonNode> busiest = new ArrayList<>();
        queues.forEach(busiest::add);
        busiest.sort(Comparator.comparingLong(StatusCommand::pending).reversed());
        int rows = busiest.size() <= room - 2 ? busiest.size() : room - 3; // blank line, title, what is left out
        output.text("");
        output.list(QueueCommand.COLUMNS, busiest.subList(0, rows));
        if (rows < busiest.size()) {
            output.text((busiest.size() - rows) + " more: penstock queue list");
        }
    }

    private static long pending(JsonNode queue) {
        return queue.at("/counts/waiting").asLong() + queue.at("/counts/active").asLong();
    }
}
