package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sends batches of jobs, and sends again what was refused for want of room, at the pace that the server asks for.
 *
 * <p>A batch goes out under an idempotency key, so a lost answer is asked for again instead of enqueued again.
 */
final class Sending {
    /** Bytes of a batch: below the limit of a request body, with room for the last line. */
    static final int BATCH_BYTES = 700_000;

    private static final long LONGEST_PAUSE_SECONDS = 30;
    private static final int MOST_ERRORS_SHOWN = 10;
    private static final String BATCH = "/api/v1/jobs:batch";

    private final Main main;
    private final Api api;
    private final String path;
    private final Clock clock = Clock.system();
    private final Duration patience;
    private final String session = java.util.UUID.randomUUID().toString();
    private long number;
    private long accepted;
    private long duplicates;
    private long refused;
    private long progressNanos;
    private boolean told;

    /** @param patience how long in a row nothing may get in; zero = the first refusal counts */
    Sending(Main main, Api api, Duration patience) {
        this(main, api, patience, BATCH);
    }

    /** @param path of a route that answers as {@code jobs:batch} does */
    Sending(Main main, Api api, Duration patience, String path) {
        this.main = main;
        this.api = api;
        this.path = path;
        this.patience = patience;
        this.progressNanos = clock.nanos();
    }

    /** Sends lines of JSON, each ended by a newline; returns their ids in order, and errors by place. */
    JsonNode batch(String lines) throws InterruptedException {
        String left = lines;
        Map<Integer, String> ids = new HashMap<>();
        Map<Integer, String> errors = new HashMap<>();
        List<Integer> places = places(lines);
        while (true) {
            JsonNode answer = tried(left);
            count(answer);
            for (int i = 0; i < places.size(); i++) {
                ids.put(places.get(i), answer.path("ids").path(i).asText(null));
            }
            for (JsonNode error : answer.path("errors")) {
                errors.put(
                        places.get(error.path("index").asInt()),
                        error.path("detail").asText());
            }
            List<Integer> again = again(answer);
            long pause = answer.path("retryAfter").asLong();
            boolean over = again.isEmpty() || pause == 0 || outOfPatience();
            refused += answer.path("refused").asLong() - (over ? 0 : again.size());
            if (path.equals(BATCH)) {
                report(answer, over);
            }
            if (over) {
                return merged(ids, errors);
            }
            left = kept(left, again);
            places = again.stream().map(places::get).toList();
            pause(pause, answer.path("errors").path(0).path("detail").asText());
        }
    }

    private void count(JsonNode answer) {
        long in = answer.path("accepted").asLong();
        accepted += in;
        duplicates += answer.path("duplicates").asLong();
        if (in + answer.path("duplicates").asLong() > 0) {
            progressNanos = clock.nanos();
            told = false;
        }
    }

    private boolean outOfPatience() {
        return clock.nanos() - progressNanos >= patience.toNanos();
    }

    private static List<Integer> places(String lines) {
        List<Integer> places = new ArrayList<>();
        long count = lines.lines().count();
        for (int i = 0; i < count; i++) {
            places.add(i);
        }
        return places;
    }

    /** Sends until there is an answer for single lines. */
    private JsonNode tried(String lines) throws InterruptedException {
        String key = session + "-" + number++;
        while (true) {
            try {
                return api.postLines(path, lines, key);
            } catch (Failure failure) {
                boolean passing = failure.code() == Exit.REFUSED && failure.retryAfterSeconds() > 0;
                if (!(passing || failure.code() == Exit.UNREACHABLE) || outOfPatience()) {
                    throw failure;
                }
                pause(failure.retryAfterSeconds(), String.valueOf(failure.getMessage()));
            }
        }
    }

    /** Waits as the server asked, and says so once until something gets in again. */
    private void pause(long seconds, String why) throws InterruptedException {
        if (!told) {
            told = true;
            main.note("penstock: waiting: " + why);
        }
        TimeUnit.SECONDS.sleep(Math.max(1, Math.min(LONGEST_PAUSE_SECONDS, seconds)));
    }

    /** Returns the lines of the answer that were refused for a reason that may pass. */
    private static List<Integer> again(JsonNode answer) {
        List<Integer> again = new ArrayList<>();
        for (JsonNode error : answer.path("errors")) {
            int status = error.path("status").asInt();
            if (status == 429 || status == 503 || status == 507) {
                again.add(error.path("index").asInt());
            }
        }
        return again;
    }

    private static String kept(String lines, List<Integer> indexes) {
        List<String> all = lines.lines().toList();
        StringBuilder kept = new StringBuilder();
        indexes.forEach(index -> kept.append(all.get(index)).append('\n'));
        return kept.toString();
    }

    private void report(JsonNode answer, boolean over) {
        int shown = 0;
        for (JsonNode error : answer.path("errors")) {
            boolean told = over || error.path("status").asInt() == 400;
            if (told && shown++ < MOST_ERRORS_SHOWN) {
                main.note("penstock: " + error.path("detail").asText());
            }
        }
    }

    private static JsonNode merged(Map<Integer, String> ids, Map<Integer, String> errors) {
        var answer = Api.object();
        var array = answer.putArray("ids");
        for (int i = 0; i < ids.size(); i++) {
            array.add(ids.get(i));
        }
        var refusals = answer.putObject("errors");
        errors.forEach((place, detail) -> {
            if (ids.get(place) == null) {
                refusals.put(String.valueOf(place), detail);
            }
        });
        return answer;
    }

    String summary() {
        return "accepted " + accepted + ", duplicate " + duplicates + ", refused " + refused;
    }

    long duplicates() {
        return duplicates;
    }

    /** Says how many lines were read and what became of them; returns the exit code. */
    int done(long lines) {
        main.output()
                .one(Api.object()
                        .put("lines", lines)
                        .put("accepted", accepted)
                        .put("duplicates", duplicates)
                        .put("refused", refused));
        return code();
    }

    int code() {
        if (refused == 0) {
            return Exit.OK;
        }
        return accepted + duplicates == 0 ? Exit.REFUSED : Exit.PARTLY;
    }
}
