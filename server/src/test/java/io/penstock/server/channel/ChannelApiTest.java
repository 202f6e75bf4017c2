package io.penstock.server.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two servers over one Redis of their own, and a real receiver. */
@ExtendWith(RigExtension.class) // so that the shared server is there first
final class ChannelApiTest {
    private static final String PATH = "/api/v1/channels/";
    private static final String SECRET = "canary-secret";

    private static EmbeddedRedis redis;
    private static Receiver receiver;
    private static Rig rig;
    private static Rig other;

    @BeforeAll
    static void start() throws IOException {
        redis = EmbeddedRedis.builder().persistence(false).start();
        receiver = new Receiver();
        rig = server();
        other = server();
    }

    private static Rig server() {
        return Rig.start(redis, flags -> {
            flags.put(Setting.DEMO, "false");
            flags.put(Setting.CHANNEL_ALLOW, "http://127.0.0.1:" + receiver.port() + ",127.0.0.1:1");
        });
    }

    @AfterAll
    static void stop() {
        rig.close();
        other.close();
        receiver.close();
        redis.close();
    }

    @AfterEach
    void clear() {
        receiver.answers(200, "ok", Map.of());
        while (!receiver.quiet()) {
            receiver.next();
        }
        for (JsonNode channel : rig.get("/api/v1/channels").json().path("items")) {
            rig.send("DELETE", PATH + channel.path("id").asText(), null);
        }
    }

    private static String webhook(String more) {
        return "{\"kind\":\"webhook\",\"url\":\"" + receiver.url("/canary-path?token=canary-token") + "\"" + more + "}";
    }

    private static Rig.Answer put(String id, String json) {
        Rig.Answer answer = rig.send("PUT", PATH + id, json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).doesNotContain("canary");
        return answer;
    }

    @Test
    void keepsAChannelAndShowsNoSecretOfIt() {
        Rig.Answer made = put("hook", webhook(",\"secret\":\"" + SECRET + "\",\"minSeverity\":\"warning\""));
        assertThat(made.json().path("url").asText()).isEqualTo("http://127.0.0.1:" + receiver.port() + "/***");
        assertThat(made.json().path("secret").asText()).isEqualTo("***");
        assertThat(made.header("ETag")).matches("\"[0-9a-f]{16}\"");
        Rig.Answer read = rig.get(PATH + "hook");
        assertThat(read.header("ETag")).isEqualTo(made.header("ETag"));
        assertThat(read.text()).doesNotContain("canary");
        assertThat(rig.get("/api/v1/channels").text()).contains("\"hook\"").doesNotContain("canary");

        // what came out goes back in and changes nothing
        put("hook", read.text());
        assertThat(rig.post(PATH + "hook:test", null).json().path("outcome").asText())
                .isEqualTo("delivered");
        Receiver.Got got = receiver.next();
        assertThat(got.uri().toString()).isEqualTo("/canary-path?token=canary-token");
        assertThat(got.header("Penstock-signature")).startsWith("t=");
        assertThat(got.json().at("/notices/0/state").asText()).isEqualTo("test");

        // without it, it is gone
        put("hook", webhook(""));
        assertThat(rig.get(PATH + "hook").json().has("secret")).isFalse();
        assertThat(rig.send("DELETE", PATH + "hook", null).status()).isEqualTo(204);
        assertThat(rig.get(PATH + "hook").status()).isEqualTo(404);
        assertThat(rig.send("DELETE", PATH + "hook", null).status()).isEqualTo(404);
    }

    @Test
    void changesOnlyWhatWasSeen() {
        String tag = put("hook", webhook("")).header("ETag");
        assertThat(rig.send("PUT", PATH + "hook", webhook(",\"perMinute\":5"), "If-Match", tag)
                        .status())
                .isEqualTo(200);
        Rig.Answer stale = rig.send("PUT", PATH + "hook", webhook(""), "If-Match", tag);
        assertThat(stale.status()).isEqualTo(412);
        assertThat(rig.send("DELETE", PATH + "hook", null, "If-Match", tag).status())
                .isEqualTo(412);
        assertThat(rig.get(PATH + "hook").json().path("perMinute").asInt()).isEqualTo(5);
    }

    @Test
    void doesNotSendASecretToAnotherPlace() {
        put("hook", webhook(",\"secret\":\"" + SECRET + "\""));
        Rig.Answer moved = rig.send(
                "PUT", PATH + "hook", "{\"kind\":\"webhook\",\"url\":\"https://evil.example/\",\"secret\":\"***\"}");
        assertThat(moved.status()).isEqualTo(400);
        assertThat(moved.text()).contains("/url").contains("another place");
        put(
                "mail",
                "{\"kind\":\"smtp\",\"host\":\"mail.example.com\",\"username\":\"u\",\"password\":\"canary-pass\","
                        + "\"from\":\"a@example.com\",\"to\":\"b@example.com\"}");
        for (String change : List.of("\"host\":\"evil.example\"", "\"port\":25", "\"tls\":\"tls\"")) {
            String host = change.contains("host") ? "" : "\"host\":\"mail.example.com\",";
            Rig.Answer answer = rig.send(
                    "PUT",
                    PATH + "mail",
                    "{\"kind\":\"smtp\"," + host + change + ",\"username\":\"u\",\"password\":\"***\","
                            + "\"from\":\"a@example.com\",\"to\":\"b@example.com\"}");
            assertThat(answer.status()).as(change).isEqualTo(400);
            assertThat(answer.text()).contains("another place");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|kind is missing",
                "{\"kind\":\"slak\"}|did you mean",
                "{\"kind\":\"slack\"}|url is missing",
                "{\"kind\":\"slack\",\"url\":\"***\"}|none to keep",
                "{\"kind\":\"slack\",\"url\":\"https://hooks.slack.com/canary\",\"secret\":\"x\"}|is unknown",
                "{\"kind\":\"slack\",\"url\":\"http://hooks.slack.com/canary\"}|channel.allow",
                "{\"kind\":\"slack\",\"url\":\"https://hooks.slack.com:8443/canary\"}|channel.allow",
                "{\"kind\":\"slack\",\"url\":\"https://u:canary@hooks.slack.com/\"}|has a user",
                "{\"kind\":\"slack\",\"url\":\"https://a b/canary\"}|not repeated",
                "{\"kind\":\"slack\",\"url\":\"ftp://a/canary\"}|channel.allow",
                "{\"kind\":\"slack\",\"url\":\"https:///canary\"}|no address",
                "{\"kind\":\"slack\",\"url\":\"https://a/\\u000d\\u000acanary\"}|control characters",
                "{\"kind\":\"webhook\",\"url\":\"https://a/\",\"secret\":\"canary\"}|shorter than",
                "{\"kind\":\"pagerduty\",\"routingKey\":\"canary\"}|32 letters",
                "{\"kind\":\"log\",\"minSeverity\":\"warnin\"}|did you mean",
                "{\"kind\":\"log\",\"perMinute\":601}|1 to 600",
                "{\"kind\":\"log\",\"enabled\":\"yes\"}|true or false",
                "{\"kind\":\"smtp\",\"host\":\"m\",\"from\":\"a@b\",\"to\":\"nobody@\"}|no mail address",
                "{\"kind\":\"smtp\",\"host\":\"m\",\"from\":\"a@b\\u000aBcc: x@y\",\"to\":\"a@b\"}|control characters",
                "{\"kind\":\"smtp\",\"host\":\"m\",\"port\":6379,\"from\":\"a@b.c\",\"to\":\"a@b.c\"}|6379",
                "{\"kind\":\"smtp\",\"host\":\"m\",\"from\":\"a@b.c\",\"to\":\"a@b.c\",\"username\":\"u\"}|go together",
                "{\"kind\":\"smtp\",\"host\":\"m\",\"tls\":\"none\",\"from\":\"a@b.c\",\"to\":\"a@b.c\",\"username\":\"u\",\"password\":\"canary\"}|in the clear",
                "{\"kind\":\"smtp\",\"host\":\"m\",\"tls\":\"ssl\",\"from\":\"a@b.c\",\"to\":\"a@b.c\"}|none of starttls",
            })
    void refusesWhatIsNotLegalAndRepeatsNoSecret(String body, String said) {
        Rig.Answer answer = rig.send("PUT", PATH + "x", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.text()).contains(said).doesNotContain("canary");
        assertThat(rig.get(PATH + "x").status()).isEqualTo(404);
    }

    @Test
    void tellsWhatTheReceiverMadeOfATest() {
        put("hook", webhook(""));
        receiver.answers(403, "canary-answer", Map.of());
        JsonNode refused = rig.post(PATH + "hook:test", null).json();
        assertThat(refused.path("outcome").asText()).isEqualTo("failed");
        assertThat(refused.path("error").asText()).contains("answered 403").doesNotContain("canary");
        assertThat(rig.get("/api/v1/deliveries?channel=hook&limit=1").json().at("/items/0"))
                .isEqualTo(refused);
        assertThat(rig.get(PATH + "hook").json().at("/status/lastError").asText())
                .contains("403");
        assertThat(rig.post(PATH + "nothing:test", null).status()).isEqualTo(404);
        put("hook", webhook(",\"enabled\":false"));
        assertThat(rig.post(PATH + "hook:test", null).status()).isEqualTo(409);
    }

    @Test
    void showsDeliveriesByPage() {
        put("hook", webhook(""));
        for (int i = 0; i < 3; i++) {
            rig.post(PATH + "hook:test", null);
            receiver.next();
        }
        JsonNode first = rig.get("/api/v1/deliveries?channel=hook&limit=2").json();
        JsonNode second = rig.get("/api/v1/deliveries?channel=hook&limit=2&cursor="
                        + first.path("next").asText())
                .json();
        assertThat(first.path("items")).hasSize(2);
        assertThat(second.at("/items/0/id").asLong())
                .isLessThan(first.at("/items/1/id").asLong());
        assertThat(rig.get("/api/v1/deliveries?cursor=x").status()).isEqualTo(400);
    }

    @Test
    void isInForceAtTheOtherServerWithinSecondsAndAfterARestart() {
        put("hook", webhook(",\"secret\":\"" + SECRET + "\""));
        await().until(() ->
                other.get(PATH + "hook").json().at("/status/delivered").isNumber());
        assertThat(other.get(PATH + "hook").text()).doesNotContain("canary");
        Rig third = server();
        try {
            await().until(() ->
                    third.get(PATH + "hook").json().at("/status/delivered").isNumber());
            assertThat(third.post(PATH + "hook:test", null)
                            .json()
                            .path("outcome")
                            .asText())
                    .isEqualTo("delivered");
            assertThat(receiver.next().header("Penstock-signature")).isNotEmpty();
        } finally {
            third.close();
        }
        rig.send("DELETE", PATH + "hook", null);
        await().until(() -> other.get(PATH + "hook").status() == 404);
    }

    @Test
    void hasABoundOfChannels() {
        for (int i = 0; i < 32; i++) {
            put("c" + i, "{\"kind\":\"log\"}");
        }
        Rig.Answer more = rig.send("PUT", PATH + "more", "{\"kind\":\"log\"}");
        assertThat(more.status()).isEqualTo(409);
        assertThat(more.text()).contains("32");
    }

    @Test
    void passesOverWhatALaterVersionWrote() {
        io.penstock.Penstock penstock = io.penstock.Penstock.connect(redis.uri());
        try {
            var hash = new io.penstock.redis.Call(64).key(io.penstock.redis.Redis.utf8("pk:channels"));
            var redisOf = new io.penstock.server.engine.Engine(penstock).redis();
            redisOf.await(redisOf.command("HSET", hash.arg("later").arg("{\"kind\":\"pigeon\",\"canary\":1}")));
            assertThat(rig.get("/api/v1/channels").status()).isEqualTo(200);
            assertThat(rig.get(PATH + "later").text()).doesNotContain("canary");
            put("later", "{\"kind\":\"log\"}");
        } finally {
            penstock.close();
        }
    }

    @Test
    void writesNoSecretIntoAnyLog() {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        PrintStream kept = new PrintStream(log, true, StandardCharsets.UTF_8);
        System.setOut(kept);
        System.setErr(kept);
        try {
            put("hook", webhook(",\"secret\":\"" + SECRET + "\""));
            put(
                    "mail",
                    "{\"kind\":\"smtp\",\"host\":\"127.0.0.1\",\"port\":1,\"username\":\"u\",\"password\":\"canary-pass\","
                            + "\"from\":\"a@example.com\",\"to\":\"b@example.com\"}");
            put(
                    "pager",
                    "{\"kind\":\"pagerduty\",\"routingKey\":\"canaryCANARYcanaryCANARYcanary32\",\"url\":\""
                            + receiver.url("/canary") + "\"}");
            for (int status : new int[] {200, 302, 400, 429, 500}) {
                receiver.answers(status, "canary", Map.of("Location", "http://127.0.0.1:1/canary"));
                for (String id : List.of("hook", "mail", "pager")) {
                    assertThat(rig.post(PATH + id + ":test", null).text()).doesNotContainIgnoringCase("canary");
                }
            }
            assertThat(rig.get("/api/v1/deliveries?limit=500").text()).doesNotContainIgnoringCase("canary");
            assertThat(rig.get("/api/v1/channels").text()).doesNotContainIgnoringCase("canary");
            assertThat(rig.get("/metrics").text()).doesNotContainIgnoringCase("canary");
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("notification channel=")
                .doesNotContainIgnoringCase("canary");
    }
}
