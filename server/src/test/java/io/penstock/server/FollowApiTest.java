package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.server.caller.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class FollowApiTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private final String queue = Rig.queue();

    private record Event(String name, @Nullable String id, JsonNode data) {}

    /** A stream that is open, read as far as somebody asks. */
    private static final class Ear implements AutoCloseable {
        private final BufferedReader lines;
        final HttpResponse<InputStream> response;

        Ear(Rig rig, String token, String job, @Nullable String behind) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create(rig.url() + "/api/v1/jobs/" + job + "/progress"))
                    .header("Authorization", "Bearer " + token);
            if (behind != null) {
                request.header("Last-Event-ID", behind);
            }
            response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /** The next event; null at the end of the stream. */
        @Nullable
        Event next() throws IOException {
            String id = null;
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    return new Event(name, id, JSON.readTree(line.substring(6)));
                }
            }
            return null;
        }

        List<Event> all() throws IOException {
            List<Event> all = new ArrayList<>();
            for (Event event = next(); event != null; event = next()) {
                all.add(event);
            }
            return all;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    private static String text(List<Event> events) {
        StringBuilder text = new StringBuilder();
        for (Event event : events) {
            text.append(event.data().path("text").asText());
        }
        return text.toString();
    }

    private String talk(Rig rig, String text, int ms) {
        return rig.enqueue(
                queue,
                "{\"type\":\"demo.talk\",\"payload\":{\"text\":\"" + text + "\",\"ms\":" + ms
                        + "},\"unique\":{\"key\":\"k\"}}");
    }

    @Test
    void tellsAProducerEachPieceAndThenTheJobAndEnds(Rig rig) throws Exception {
        Keys keys = Keys.of(rig, Role.PRODUCER, queue);
        String id = talk(rig, "To be, or not", 20);
        try (Ear ear = new Ear(rig, keys.token(), id, null)) {
            assertThat(ear.response.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
            List<Event> events = ear.all();
            assertThat(text(events)).isEqualTo("To be, or not");
            assertThat(events).extracting(Event::name).containsExactly("piece", "piece", "piece", "piece", "end");
            assertThat(events.get(4).data().path("state").asText()).isEqualTo("completed");
            assertThat(events.get(4).data().at("/result/words").asInt()).isEqualTo(4);
            try (Ear again = new Ear(rig, keys.token(), id, events.get(1).id())) {
                assertThat(text(again.all())).isEqualTo("or not");
            }
        }
    }

    @Test
    void isHeardWhileTheJobRuns(Rig rig) throws Exception {
        Keys keys = Keys.of(rig, Role.PRODUCER, queue);
        String id = talk(rig, "first last", 60_000);
        try (Ear ear = new Ear(rig, keys.token(), id, null)) {
            assertThat(ear.next().data().path("text").asText()).isEqualTo("first ");
            rig.post("/api/v1/jobs/" + id + ":cancel", "");
            List<Event> rest = ear.all();
            assertThat(rest.get(rest.size() - 1).data().path("state").asText()).isEqualTo("cancelled");
        }
    }

    @Test
    void showsPeopleWholeLinesWithoutSecretsAndViewersOnlyHowMuch(Rig rig) throws Exception {
        String id = talk(rig, "card 4111 1111 1111 1111\\nnext", 0);
        await().until(() -> rig.job(id).path("state").asText().equals("completed"));
        try (Ear ear = new Ear(rig, rig.token(), id, null)) {
            List<Event> events = ear.all();
            assertThat(text(events)).startsWith("card ").endsWith("next").doesNotContain("1111");
            assertThat(events).hasSizeLessThan(6);
        }
        try (Ear ear = new Ear(rig, Keys.of(rig, Role.VIEWER, queue).token(), id, null)) {
            List<Event> events = ear.all();
            assertThat(events.get(0).data().has("text")).isFalse();
            assertThat(events.get(0).data().path("characters").asInt()).isPositive();
        }
    }

    @Test
    void refusesWhatIsNotThereAndAPlaceThatIsNone(Rig rig) throws Exception {
        assertThat(rig.get("/api/v1/jobs/" + queue + "-zzz/progress").status()).isEqualTo(404);
        String id = talk(rig, "a", 0);
        try (Ear ear = new Ear(rig, rig.token(), id, "nowhere")) {
            assertThat(ear.response.statusCode()).isEqualTo(400);
        }
    }

    @Test
    void oneWhoLeavesIsForgotten(Rig rig) throws Exception {
        String id = talk(rig, "a b", 60_000);
        Ear ear = new Ear(rig, Keys.of(rig, Role.PRODUCER, queue).token(), id, null);
        assertThat(ear.next()).isNotNull();
        ear.close();
        rig.post("/api/v1/jobs/" + id + ":cancel", "");
        await().until(() -> rig.job(id).path("state").asText().equals("cancelled"));
        await().until(() -> rig.get("/metrics").text().contains("penstock_http_followers"));
    }
}
