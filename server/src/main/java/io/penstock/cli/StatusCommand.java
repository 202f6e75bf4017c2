package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Output;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code penstock status}: one screen. */
@Command(
        name = "status",
        description = "Show how the server, its queues and its workers are; ends with 10 if unhealthy.")
final class StatusCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Override
    public Integer call() {
        Main parent = Parent.of(main);
        Api api = parent.api();
        JsonNode health = api.health();
        JsonNode queues = api.get("/api/v1/queues?limit=100").path("items");
        JsonNode workers = api.get("/api/v1/workers").path("items");
        JsonNode info = api.get("/api/v1/info");
        String status = health.path("status").asText();
        if (parent.output().human()) {
            screen(parent, info, health, queues, workers.size());
        } else {
            ObjectNode all = Api.object().put("status", status);
            all.set("info", info);
            all.set("health", health);
            all.set("queues", queues);
            all.set("workers", workers);
            parent.output().one(all);
        }
        return status.equals("unhealthy") ? Exit.UNHEALTHY : Exit.OK;
    }

    private static void screen(Main main, JsonNode info, JsonNode health, JsonNode queues, int workers) {
        Output output = main.output();
        output.text("penstock " + info.path("version").asText() + "  "
                + health.path("status").asText() + "  up " + Ages.millis(info.path("uptimeMillis")) + "  " + workers
                + (workers == 1 ? " worker" : " workers"));
        for (JsonNode check : health.path("checks")) {
            if (!check.path("status").asText().equals("ok")) {
                output.paragraph(check.path("status").asText() + ": "
                        + check.path("name").asText() + ": "
                        + check.path("detail").asText());
            }
        }
        for (Map.Entry<String, JsonNode> service : health.path("services").properties()) {
            if (!service.getValue().path("status").asText().equals("UP")) {
                output.paragraph(service.getValue().path("status").asText() + ": " + service.getKey() + ": "
                        + service.getValue().path("reason").asText());
            }
        }
        if (queues.isEmpty()) {
            output.text("no queues yet; try: penstock job enqueue TYPE");
        } else {
            output.text("");
            output.list(QueueCommand.COLUMNS, queues);
        }
    }
}
