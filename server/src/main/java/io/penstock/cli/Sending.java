package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
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
    private static final int MOST_TRIES = 200;
    private static final long LONGEST_PAUSE_SECONDS = 30;
    private static final int MOST_ERRORS_SHOWN = 10;

    private final Main main;
    private final Api api;
    private final String session = java.util.UUID.randomUUID().toString();
    private long number;
    private long accepted;
    private long duplicates;
    private long refused;

    Sending(Main main, Api api) {
        this.main = main;
        this.api = api;
    }

    /** Sends lines of JSON, each ended by a newline; returns the last answer, whose ids are in the order of the lines. */
    JsonNode batch(String lines) throws InterruptedException {
        String left = lines;
        Map<Integer, String> ids = new HashMap<>();
        List<Integer> places = places(lines);
        for (int attempt = 1; ; attempt++) {
            JsonNode answer = tried(left, attempt);
            accepted += answer.path("accepted").asLong();
            duplicates += answer.path("duplicates").asLong();
            for (int i = 0; i < places.size(); i++) {
                ids.put(places.get(i), answer.path("ids").path(i).asText(null));
            }
            long pause = answer.path("retryAfter").asLong();
            List<Integer> again = again(answer);
            boolean over = again.isEmpty() || pause == 0 || attempt == MOST_TRIES;
            refused += answer.path("refused").asLong() - (over ? 0 : again.size());
            report(answer, over);
            if (over) {
                return merged(ids);
            }
            left = kept(left, again);
            places = again.stream().map(places::get).toList();
            pause(pause);
        }
    }

    private static List<Integer> places(String lines) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < lines.lines().count(); i++) {
            places.add(i);
        }
        return places;
    }

    /** Sends until there is an answer for single lines. */
    private JsonNode tried(String lines, int attempt) throws InterruptedException {
        String key = session + "-" + number++;
        for (int tries = attempt; ; tries++) {
            try {
                return api.postLines("/api/v1/jobs:batch", lines, key);
            } catch (Failure failure) {
                boolean passing = failure.code() == Exit.REFUSED || failure.code() == Exit.UNREACHABLE;
                if (!passing || tries >= MOST_TRIES || (failure.code() == Exit.REFUSED && failure.retryAfterSeconds() == 0)) {
                    throw failure;
                }
                main.note("penstock: " + failure.getMessage() + "; trying again");
                pause(Math.max(1, failure.retryAfterSeconds()));
            }
        }
    }

    private static void pause(long seconds) throws InterruptedException {
        TimeUnit.SECONDS.sleep(Math.min(LONGEST_PAUSE_SECONDS, seconds));
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

    private static JsonNode merged(Map<Integer, String> ids) {
        var answer = Api.object();
        var array = answer.putArray("ids");
        for (int i = 0; i < ids.size(); i++) {
            array.add(ids.get(i));
        }
        return answer;
    }

    String summary() {
        return "accepted " + accepted + ", duplicate " + duplicates + ", refused " + refused;
    }

    long accepted() {
        return accepted;
    }

    long duplicates() {
        return duplicates;
    }

    long refused() {
        return refused;
    }

    int code() {
        if (refused == 0) {
            return Exit.OK;
        }
        return accepted + duplicates == 0 ? Exit.REFUSED : Exit.PARTLY;
    }
}
