package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock batch}: jobs that are added over time and end together. */
@Command(name = "batch", description = "Open batches, fill and seal them, look at them and cancel them.")
final class BatchCommand extends Noun {
    private static final String PATH = "/api/v1/batches";

    /** Jobs of one request: a quarter of a MiB of small ones. */
    private static final int SLICE = 1_000;

    private static final List<Column> COLUMNS = FlowCommand.columns("BATCH", "OPENED");

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static String path(String id) {
        return PATH + "/" + Api.quoted(id);
    }

    @Command(name = "list", description = "List batches, the newest first.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), "/api/v1/flows?kind=batch", main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "get", description = "Show batches and how far they are.")
    int get(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        Api api = main().api();
        return Each.run(main(), ids, id -> main().output().one(api.get(path(id))));
    }

    @Command(name = "open", description = "Open a batch; prints its id.")
    int open(
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--queue",
                            paramLabel = "Q",
                            defaultValue = "default",
                            description = "Where it is kept (default); its jobs may be of any queue.")
                    String queue,
            @Option(names = "--on-complete", paramLabel = "JSON|@FILE", description = "Job to run when all have ended.")
                    @Nullable
                    String onComplete,
            @Option(names = "--on-success", paramLabel = "JSON|@FILE", description = "When all have completed.")
                    @Nullable
                    String onSuccess,
            @Option(names = "--on-failure", paramLabel = "JSON|@FILE", description = "When one has not.") @Nullable
                    String onFailure) {
        ObjectNode body = Api.object().put("name", name).put("queue", queue);
        job(body, "onComplete", onComplete);
        job(body, "onSuccess", onSuccess);
        job(body, "onFailure", onFailure);
        if (main().dryRun()) {
            return planned("open batch", List.of(name));
        }
        main().output().made(main().api().post(PATH, body));
        return Exit.OK;
    }

    private void job(ObjectNode body, String field, @Nullable String text) {
        if (text != null) {
            body.set(field, JobCommand.payload(main().streams(), text));
        }
    }

    @Command(name = "add", description = "Add jobs to an open batch, a thousand in one request.")
    int add(
            @Parameters(index = "0", paramLabel = "ID") String id,
            @Parameters(
                            index = "1",
                            paramLabel = "JSON|@FILE|-",
                            description = "An array of jobs, each with queue, type, payload ...")
                    String jobs,
            @Option(names = "--seal", description = "Seal it behind them.") boolean seal) {
        JsonNode said = JobCommand.payload(main().streams(), jobs);
        JsonNode all =
                said.isArray() ? said : JsonNodeFactory.instance.arrayNode().add(said);
        if (main().dryRun()) {
            return planned("add " + all.size() + " jobs to", List.of(id));
        }
        ObjectNode sum = Api.object().put("accepted", 0).put("refused", 0).putNull("reason");
        for (int from = 0; from < all.size(); from += SLICE) {
            ArrayNode slice = JsonNodeFactory.instance.arrayNode();
            for (int i = from; i < Math.min(all.size(), from + SLICE); i++) {
                slice.add(all.get(i));
            }
            JsonNode added = main().api().post(path(id) + "/jobs", slice);
            sum.put(
                    "accepted",
                    sum.path("accepted").asInt() + added.path("accepted").asInt());
            sum.put(
                    "refused",
                    sum.path("refused").asInt() + added.path("refused").asInt());
            if (added.hasNonNull("reason")) {
                sum.set("reason", added.path("reason"));
            }
        }
        if (seal) {
            main().api().post(path(id) + ":seal");
        }
        main().output().one(sum);
        return sum.path("refused").asInt() > 0 ? Exit.PARTLY : Exit.OK;
    }

    @Command(name = "seal", description = "Say that no job will be added any more: it ends with its last one.")
    int seal(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        return act("seal", ids);
    }

    @Command(name = "cancel", description = "Cancel the jobs of batches that have not ended.")
    int cancel(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        return act("cancel", ids);
    }

    private int act(String verb, List<String> ids) {
        if (main().dryRun()) {
            return planned(verb + " batch", ids);
        }
        Api api = main().api();
        return Each.run(main(), ids, id -> main().output().one(api.post(path(id) + ":" + verb)));
    }
}
