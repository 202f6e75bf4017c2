package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Table;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock job follow}. */
@Command(
        name = "follow",
        description =
                "Show what a job emits, as it comes; ends with it: with 0 if it completed, 1 if not, 124 if it goes on.")
final class JobFollowCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable JobCommand noun;

    @Parameters(paramLabel = "ID")
    private String id = "";

    private boolean inLine;

    @Override
    public Integer call() {
        Main main = Parent.of(noun).main();
        AtomicReference<@Nullable String> last = new AtomicReference<>();
        @Nullable JsonNode end = null;
        for (int tries = 0; end == null; tries++) {
            @Nullable String before = last.get();
            Map<String, String> behind = before == null ? Map.of() : Map.of("Last-Event-ID", before);
            end = main.api().events(JobCommand.path(id) + "/progress", behind, event -> {
                last.set(event.id() == null ? last.get() : event.id());
                show(main, event);
            });
            if (end == null && tries == 3) {
                throw new Failure(Exit.UNREACHABLE, "the stream of job " + id + " broke off; follow it again");
            }
        }
        return ended(main, end);
    }

    private void show(Main main, Api.Event event) {
        if (!main.output().human()) {
            ObjectNode row = Api.object();
            row.put("event", event.name()).put("id", event.id()).set("data", event.data());
            main.output().text(row.toString());
            return;
        }
        switch (event.name()) {
            case "piece" -> {
                String text = event.data().has("text")
                        ? event.data().path("text").asText()
                        : "[" + event.data().path("characters").asInt() + " characters]";
                main.output().part(Table.plain(text));
                inLine = !text.endsWith("\n");
            }
            case "missed" ->
                note(
                        main,
                        "pieces " + event.data().path("first").asText() + " to "
                                + event.data().path("last").asText() + " are not kept any more");
            default -> {
                // the end is told below, and what a newer server says is not for us
            }
        }
    }

    private void note(Main main, String text) {
        if (inLine) {
            main.output().text("");
            inLine = false;
        }
        main.note(text);
    }

    private int ended(Main main, JsonNode job) {
        String state = job.path("state").asText("gone");
        if (main.output().human()) {
            note(main, "job " + id + " is " + state);
        }
        return switch (state) {
            case "completed" -> Exit.OK;
            case "failed", "cancelled" -> Exit.FAILURE;
            case "gone", "null" -> Exit.NOT_FOUND;
            default -> Exit.TIMED_OUT;
        };
    }
}
