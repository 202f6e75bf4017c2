package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.runtime.Clock;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Has the server do something to many jobs: says how many, asks, watches it being done, and tells what was left. */
final class Bulk {
    static final String PATH = "/api/v1/operations";

    /** Failures that are told one by one. */
    private static final int MOST_TOLD = 10;

    private static final long FIRST_LOOK_MILLIS = 50;
    private static final long LONGEST_LOOK_MILLIS = 1_000;

    private final Main main;
    private final Api api;
    private final String verb;
    private final String what;
    private final Clock clock = Clock.system();

    /** @param what the jobs are called, such as {@code dead letters} */
    Bulk(Main main, String verb, String what) {
        this.main = main;
        this.api = main.api();
        this.verb = verb;
        this.what = what;
    }

    /** Does it to all that fit; returns how it went. */
    int run(ObjectNode filter) throws InterruptedException {
        if (main.limit(0) > 0) {
            throw new Failure(Exit.USAGE, "--limit does not go with a filter; name ids instead");
        }
        ObjectNode body = Api.object().put("action", verb);
        body.set("filter", filter);
        JsonNode counted = api.post(PATH, body.deepCopy().put("dryRun", true));
        long matched = counted.path("matched").asLong();
        boolean all = counted.path("complete").asBoolean();
        if (main.dryRun()) {
            return planned(counted, matched, all);
        }
        if (matched == 0 && all) {
            main.note("no " + what + " fit");
            return Exit.OK;
        }
        main.confirm(Character.toUpperCase(verb.charAt(0)) + verb.substring(1) + (all ? " " : " at least ") + matched
                + " " + what);
        String key = UUID.randomUUID().toString();
        JsonNode begun = Api.parse(
                "the answer",
                api.send(
                                "POST",
                                PATH,
                                body.toString(),
                                java.util.Map.of("Content-Type", "application/json", "Idempotency-Key", key))
                        .body());
        return told(watched(begun));
    }

    private int planned(JsonNode counted, long matched, boolean all) {
        if (!main.output().human()) {
            main.output().one(counted);
            return Exit.OK;
        }
        JsonNode sample = counted.path("sample");
        sample.forEach(id -> main.output().text("would " + verb + " " + id.asText()));
        if (matched > sample.size()) {
            main.output().text("and " + (matched - sample.size()) + " more");
        }
        if (!all) {
            main.note("only the first " + counted.path("scanned").asLong() + " were looked at; there may be more");
        }
        return Exit.OK;
    }

    private JsonNode watched(JsonNode begun) throws InterruptedException {
        String id = begun.path("id").asText();
        main.note("operation " + id + "; to stop it: penstock op cancel " + id);
        long begin = clock.nanos();
        long pause = FIRST_LOOK_MILLIS;
        JsonNode now = begun;
        try (ProgressBar bar = bar(begun)) {
            while (now.path("finishedAt").isNull()) {
                if (main.timeout() != null
                        && clock.nanos() - begin > main.timeout().toNanos()) {
                    throw new Failure(
                            Exit.TIMED_OUT, "operation " + id + " goes on; look at it with: penstock op get " + id);
                }
                TimeUnit.MILLISECONDS.sleep(pause);
                pause = Math.min(LONGEST_LOOK_MILLIS, pause * 2);
                now = api.get(PATH + "/" + id);
                if (bar != null) {
                    bar.maxHint(now.path("total").asLong());
                    bar.stepTo(Math.min(
                            now.path("looked").asLong(), now.path("total").asLong()));
                }
            }
        }
        return now;
    }

    private @Nullable ProgressBar bar(JsonNode begun) {
        return main.quiet() || !main.streams().terminalErr()
                ? null
                : new ProgressBarBuilder()
                        .setTaskName(verb)
                        .setInitialMax(Math.max(1, begun.path("total").asLong()))
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .setConsumer(new ConsoleProgressBarConsumer(
                                main.streams().err(), main.streams().width() - 1))
                        .build();
    }

    private int told(JsonNode operation) {
        long done = operation.path("done").asLong();
        long failed = operation.path("failed").asLong();
        long skipped = operation.path("skipped").asLong();
        String state = operation.path("state").asText();
        int shown = 0;
        for (JsonNode failure : operation.path("failures")) {
            if (shown++ < MOST_TOLD) {
                main.streams()
                        .err()
                        .println("penstock: " + failure.path("id").asText() + ": "
                                + failure.path("reason").asText());
            }
        }
        main.note(verb + ": " + done + " of " + operation.path("matched").asLong()
                + (skipped == 0 ? "" : ", " + skipped + " had changed meanwhile")
                + (failed == 0 ? "" : ", " + failed + " failed")
                + (state.equals("completed") ? "" : ", " + state));
        if (!main.output().human()) {
            main.output().one(operation);
        }
        if (state.equals("failed")) {
            main.streams().err().println("penstock: " + operation.path("error").asText());
            return Exit.FAILURE;
        }
        boolean whole = failed == 0 && state.equals("completed");
        return whole ? Exit.OK : done > 0 ? Exit.PARTLY : Exit.FAILURE;
    }
}
