package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Column;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock job enqueue}. */
@Command(name = "enqueue", description = "Enqueue a job, or many alike; prints their ids.")
final class JobEnqueueCommand implements Callable<Integer> {
    /** Jobs of one request. */
    private static final int BATCH = 500;

    private static final int MOST = 10_000_000;

    @ParentCommand
    private @Nullable JobCommand noun;

    @Parameters(paramLabel = "TYPE", description = "Type of the job.")
    private String type = "";

    @Option(names = "--queue", paramLabel = "Q", description = "Queue (default).")
    private String queue = "default";

    @Option(names = "--payload", paramLabel = "JSON|@FILE|-", description = "Its data ({}).")
    private @Nullable String payload;

    @Option(names = "--delay", paramLabel = "TIME", description = "Run no earlier than this from now.")
    private @Nullable String delay;

    @Option(names = "--run-at", paramLabel = "INSTANT", description = "Run no earlier than this.")
    private @Nullable String runAt;

    @Option(names = "--priority", paramLabel = "P", description = "critical, high, normal or low.")
    private @Nullable String priority;

    @Option(names = "--max-attempts", paramLabel = "N", description = "Attempts in all.")
    private @Nullable Integer maxAttempts;

    @Option(names = "--job-timeout", paramLabel = "TIME", description = "Longest run of one attempt.")
    private @Nullable String jobTimeout;

    @Option(names = "--unique", paramLabel = "KEY", description = "Drop it while another of this key is pending.")
    private @Nullable String unique;

    @Option(names = "--unique-ttl", paramLabel = "TIME", description = "... or for this long.")
    private @Nullable String uniqueTtl;

    @Option(names = "--group", paramLabel = "G", description = "Fairness key, such as a tenant.")
    private @Nullable String group;

    @Option(names = "--metadata", paramLabel = "KEY=VALUE", description = "A note to go with it.")
    private Map<String, String> metadata = Map.of();

    @Option(names = "--count", paramLabel = "N", description = "How many.")
    private int count = 1;

    @Option(names = "--wait", description = "Wait until it has ended.")
    private boolean wait;

    private Main main() {
        return Parent.of(noun).main();
    }

    @Override
    public Integer call() throws InterruptedException {
        if (count < 1 || count > MOST) {
            throw new Failure(Exit.USAGE, "--count " + count + " is outside 1 to " + MOST);
        }
        ObjectNode job = job();
        if (main().dryRun()) {
            main().output().one(job.put("queue", queue));
            return Exit.OK;
        }
        return count == 1 ? single(job) : many(job.put("queue", queue));
    }

    private ObjectNode job() {
        ObjectNode job = Api.object().put("type", type);
        if (payload != null) {
            job.set("payload", JobCommand.payload(main().streams(), payload));
        }
        JobCommand.put(job, "delay", delay);
        JobCommand.put(job, "runAt", runAt);
        JobCommand.put(job, "priority", priority);
        JobCommand.put(job, "timeout", jobTimeout);
        JobCommand.put(job, "group", group);
        if (maxAttempts != null) {
            job.put("maxAttempts", maxAttempts);
        }
        if (unique != null) {
            JobCommand.put(job.putObject("unique").put("key", unique), "ttl", uniqueTtl);
        }
        if (!metadata.isEmpty()) {
            metadata.forEach(job.putObject("metadata")::put);
        }
        return job;
    }

    private int single(ObjectNode job) throws InterruptedException {
        Api api = main().api();
        JsonNode receipt = api.post("/api/v1/queues/" + Api.quoted(queue) + "/jobs", job);
        String id = receipt.path("id").asText();
        if (receipt.path("duplicate").asBoolean()) {
            main().note("duplicate: " + id + " holds the unique key");
        }
        if (!wait) {
            main().output().made(receipt);
            return Exit.OK;
        }
        return new JobWait(main(), api).all(List.of(id));
    }

    private int many(ObjectNode job) throws InterruptedException {
        Api api = main().api();
        List<String> ids = new ArrayList<>();
        Sending sending = new Sending(main(), api, Duration.ZERO);
        String line = job + "\n";
        for (int sent = 0; sent < count; sent += BATCH) {
            JsonNode answer = sending.batch(line.repeat(Math.min(BATCH, count - sent)));
            answer.path("ids").forEach(id -> {
                if (id.isTextual()) {
                    note(ids, id.asText());
                }
            });
        }
        main().note(sending.summary());
        if (wait) {
            return new JobWait(main(), api).all(ids);
        }
        if (!main().output().human()) {
            List<JsonNode> rows = new ArrayList<>();
            ids.forEach(id -> rows.add(Api.object().put("id", id)));
            main().output().list(List.of(Column.of("ID", "/id")), rows);
        }
        return sending.code();
    }

    /** Ids are kept only to wait for them, or for programs, to whom they are one list. */
    private void note(List<String> ids, String id) {
        if (wait || !main().output().human()) {
            ids.add(id);
        } else {
            main().output().text(id);
        }
    }
}
