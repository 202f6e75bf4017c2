package io.penstock.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schedule.CleanupReport;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class ChatTest {
    @TempDir
    static Path dir;

    private static ChatRig rig;

    @BeforeAll
    static void start() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
        rig = ChatRig.start(dir, "--dashboard-port=0", "--penstock-token=0123456789abcdef0123456789abcdef");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void behave() {
        rig.stub.settings(ChatRig.FAST);
    }

    @Test
    void streamsTheAnswerAndEndsWithTheWhole() throws Exception {
        rig.stub.settings(ChatRig.FAST.pace(5, 5, 20));
        try (ChatRig.Events events = rig.events("stream it")) {
            JsonNode turn = events.until("turn");
            assertThat(turn.path("shared").asBoolean()).isFalse();
            events.until("delta");
            JsonNode end = events.until("completed", "failed");
            assertThat(end.path("answer").asText())
                    .startsWith("You asked: stream it -")
                    .isEqualTo(events.text.toString());
            assertThat(end.path("tokens").asInt()).isGreaterThan(19);
            JsonNode kept = rig.conversation(turn.path("id").asText());
            assertThat(kept.path("turns").path(0).path("answer")).isEqualTo(end.path("answer"));
        }
    }

    /** Else a client that keeps connections sends its next question into one that is closing. */
    @Test
    void saysThatTheConnectionEndsWithTheEvents() throws Exception {
        HttpRequest.Builder request =
                rig.post("{\"message\":\"and then close\"}").header("Accept", "text/event-stream");
        HttpResponse<String> answer = rig.send(request);
        assertThat(answer.headers().firstValue("connection")).contains("close");
        assertThat(answer.body()).contains("event: completed");
    }

    @Test
    void answersPlainlyWhenNotAskedForEvents() throws Exception {
        HttpResponse<String> answer = rig.send(rig.post("{\"message\":\"plainly\"}"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(ChatRig.json(answer).path("answer").asText()).startsWith("You asked: plainly");
        assertThat(ChatRig.json(answer).path("state").asText()).isEqualTo("completed");
    }

    @Test
    void tellsTheModelWhatWasSaidBefore() throws Exception {
        JsonNode first = ChatRig.json(rig.send(rig.post("{\"message\":\"first\"}")));
        String id = first.path("id").asText();
        JsonNode second = ChatRig.json(rig.send(rig.post("{\"message\":\"second\",\"conversation\":\"" + id + "\"}")));
        assertThat(second.path("id").asText()).isEqualTo(id);
        assertThat(second.path("tokens").asInt())
                .isGreaterThan(first.path("tokens").asInt());
        assertThat(rig.conversation(id).path("turns")).hasSize(2);
    }

    @Test
    void sharesTheJobOfAQuestionUnderWayAndEndsItWhenTheLastCallerLeaves() throws Exception {
        rig.stub.settings(ChatRig.FAST.pace(0, 20, 10_000));
        long before = rig.stub.calls();
        JsonNode mine;
        try (ChatRig.Events first = rig.events("the same")) {
            mine = first.until("turn");
            first.until("delta");
            try (ChatRig.Events second = rig.events("the same")) {
                JsonNode twin = second.until("turn");
                assertThat(twin.path("shared").asBoolean()).isTrue();
                assertThat(twin.path("job")).isEqualTo(mine.path("job"));
                assertThat(twin.path("id")).isNotEqualTo(mine.path("id"));
                second.until("delta");
                assertThat(second.text.toString()).startsWith("You asked: the same"); // from the beginning
            }
            first.until("delta"); // the second has left, the first still listens
            first.until("delta");
        }
        String id = mine.path("id").asText();
        await().untilAsserted(() -> assertThat(
                        rig.conversation(id).path("turns").path(0).path("state").asText())
                .isEqualTo("cancelled"));
        assertThat(rig.conversation(id).path("turns").path(0).path("answer").asText())
                .startsWith("You asked: the same");
        await().untilAsserted(() -> assertThat(rig.stub.open()).isZero()); // the model was hung up on
        assertThat(rig.stub.calls()).isEqualTo(before + 1);
    }

    @Test
    void answersAKeyOnceAndTheSameAgain() throws Exception {
        String[] key = {"Idempotency-Key", "once"};
        JsonNode first = ChatRig.json(rig.send(rig.post("{\"message\":\"keyed\"}", key)));
        long calls = rig.stub.calls();
        JsonNode again = ChatRig.json(rig.send(rig.post("{\"message\":\"keyed\"}", key)));
        assertThat(again.path("turn")).isEqualTo(first.path("turn"));
        assertThat(again.path("answer")).isEqualTo(first.path("answer"));
        assertThat(rig.stub.calls()).isEqualTo(calls);
        assertThat(rig.send(rig.post("{\"message\":\"another\"}", key)).statusCode())
                .isEqualTo(422);
    }

    @Test
    void twoRequestsWithKeysShareTheWorkAndEachGetsItsOwnTurnAgain() throws Exception {
        long calls = rig.stub.calls();
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (String key : List.of("k1", "k2")) {
            asked.add(rig.sendAsync(rig.post("{\"message\":\"keyed and shared\"}", "Idempotency-Key", key)));
        }
        List<JsonNode> first = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> one : asked) {
            first.add(ChatRig.json(one.get(60, TimeUnit.SECONDS)));
        }
        assertThat(first.get(0).path("turn")).isNotEqualTo(first.get(1).path("turn"));
        assertThat(first.get(0).path("answer")).isEqualTo(first.get(1).path("answer"));
        for (int i = 0; i < 2; i++) {
            JsonNode again = ChatRig.json(
                    rig.send(rig.post("{\"message\":\"keyed and shared\"}", "Idempotency-Key", "k" + (i + 1))));
            assertThat(again.path("turn")).isEqualTo(first.get(i).path("turn"));
            assertThat(again.path("job")).isEqualTo(first.get(i).path("job"));
        }
        assertThat(rig.stub.calls() - calls)
                .isBetween(1L, 2L); // one, unless the first had its answer before the second came
    }

    @Test
    void keepsConversationsOfTenantsApart() throws Exception {
        JsonNode asked = ChatRig.json(rig.send(rig.post("{\"message\":\"mine\"}", "X-Tenant", "acme")));
        String path = "/api/chat/" + asked.path("id").asText();
        assertThat(rig.get(path).statusCode()).isEqualTo(404);
        assertThat(rig.send(rig.to(path).header("X-Tenant", "acme")).statusCode())
                .isEqualTo(200);
        assertThat(rig.send(rig.to("/api/chat").header("X-Tenant", "acme")).body())
                .contains("mine");
        assertThat(rig.send(rig.to(path).DELETE().header("X-Tenant", "acme")).statusCode())
                .isEqualTo(204);
        assertThat(rig.send(rig.to(path).header("X-Tenant", "acme")).statusCode())
                .isEqualTo(404);
    }

    @Test
    void keepsAgentsAndRefusesEndpointsThatAreNotAllowed() throws Exception {
        rig.agent("second", "{\"name\":\"Second\",\"model\":\"m-2\"}");
        assertThat(rig.get("/api/agents").body()).contains("\"second\"").contains("m-2");
        rig.agent("second", "{\"name\":\"Renamed\",\"endpoint\":\"http://169.254.169.254\"}");
        assertThat(rig.get("/api/agents/second").body()).contains("Second");
        assertThat(rig.send(rig.post("{\"message\":\"x\",\"agent\":\"nobody\"}"))
                        .statusCode())
                .isEqualTo(404);
        assertThat(rig.send(rig.to("/api/agents/second").DELETE()).statusCode()).isEqualTo(204);
        assertThat(rig.get("/api/agents/second").statusCode()).isEqualTo(404);
    }

    @Test
    void refusesWhatItCannotRead() throws Exception {
        assertThat(rig.send(rig.post("{\"message\":\"  \"}")).statusCode()).isEqualTo(400);
        assertThat(rig.send(rig.post("no json")).statusCode()).isEqualTo(400);
        assertThat(rig.send(rig.post("{\"message\":\"x\",\"webhook\":\"http://127.0.0.1/\"}"))
                        .statusCode())
                .isEqualTo(400);
        HttpRequest.Builder plain = rig.to("/api/chat").POST(HttpRequest.BodyPublishers.ofString("{}"));
        assertThat(rig.send(plain).statusCode()).isEqualTo(415);
        assertThat(rig.get("/api/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void forgetsWhatIsTooOldInTheDailyCleanUp() throws Exception {
        long old = System.currentTimeMillis() - Duration.ofDays(31).toMillis();
        List<String> flags = List.of("--database-url=" + url(), "--database-user=sa");
        try (Database database = new Database(ChatSettings.read(flags, Map.of()))) {
            database.update(
                    "INSERT INTO turn (id, conversation, tenant, agent, question, job, asked_at) VALUES (?,?,?,?,?,?,?)",
                    "old",
                    "old",
                    "public",
                    "default",
                    "old?",
                    "chat-0old",
                    old);
            database.update(
                    "INSERT INTO answer (job, text, ending, tokens, answered_at) VALUES (?,?,?,?,?)",
                    "chat-0old",
                    "old",
                    "stop",
                    1,
                    old);
        }
        assertThat(rig.get("/api/chat/old").statusCode()).isEqualTo(200);
        await().until(() -> rig.app().penstock().cleanup().runNow());
        await().untilAsserted(() -> assertThat(rig.app().penstock().cleanup().reports())
                .flatExtracting(CleanupReport::steps)
                .anySatisfy(step -> {
                    assertThat(step.name()).isEqualTo("chat-history");
                    assertThat(step.removed()).isEqualTo(2);
                }));
        assertThat(rig.get("/api/chat/old").statusCode()).isEqualTo(404);
    }

    /** The same database in this process: H2 gives it to all who name it alike. */
    private static String url() {
        return "jdbc:h2:async:" + dir.resolve("chat") + ";CACHE_SIZE=4096;DB_CLOSE_ON_EXIT=FALSE";
    }

    @Test
    void hasTheDashboardBesideIt() throws Exception {
        rig.send(rig.post("{\"message\":\"to be seen\"}"));
        HttpRequest.Builder ask = HttpRequest.newBuilder(URI.create(rig.app().dashboardAddress() + "api/v1/queues"));
        assertThat(rig.send(ask.copy()).statusCode()).isEqualTo(401);
        JsonNode queues =
                ChatRig.json(rig.send(ask.header("Authorization", "Bearer 0123456789abcdef0123456789abcdef")));
        assertThat(queues.path("items").findValuesAsText("name")).contains("chat", "email", "webhook");
    }

    @Test
    void saysHowItDoesAndShowsItsPage() throws Exception {
        JsonNode health = ChatRig.json(rig.get("/api/health"));
        assertThat(health.path("redis").path("status").asText()).isEqualTo("up");
        assertThat(health.path("queues").has("email")).isTrue();
        assertThat(health.path("connections").asInt()).isLessThanOrEqualTo(3);
        HttpResponse<String> page = rig.get("/");
        assertThat(page.body()).contains("chat.js").doesNotContain("<script>").doesNotContain("style=");
        assertThat(page.headers().firstValue("content-security-policy").orElse(""))
                .contains("script-src 'self'")
                .doesNotContain("unsafe");
        for (String part : new String[] {"/chat.js", "/words.js", "/chat.css", "/icon.svg"}) {
            assertThat(rig.get(part).statusCode()).isEqualTo(200);
        }
        assertThat(rig.get("/chat.js").body()).doesNotContain("innerHTML");
    }
}
