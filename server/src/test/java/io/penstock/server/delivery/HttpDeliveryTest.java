package io.penstock.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RigExtension.class)
final class HttpDeliveryTest {
    private static final String SECRET = "a-secret-of-the-receiver";

    private static HttpServer receiver;
    private static Rig sender;
    private static final List<Delivered> DELIVERED = new CopyOnWriteArrayList<>();
    private static final AtomicInteger STATUS = new AtomicInteger(200);

    private record Delivered(String path, String body, String signature, String job, String custom) {}

    @BeforeAll
    static void start(EmbeddedRedis redis) throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        receiver.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var headers = exchange.getRequestHeaders();
            DELIVERED.add(new Delivered(
                    exchange.getRequestURI().toString(),
                    body,
                    headers.getFirst("Penstock-Signature"),
                    headers.getFirst("Penstock-Job"),
                    headers.getFirst("X-Custom")));
            int status = STATUS.get();
            exchange.getResponseHeaders()
                    .add("Location", "http://127.0.0.1:" + receiver.getAddress().getPort() + "/followed");
            byte[] answer = "canary-in-the-answer".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, status == 204 ? -1 : answer.length);
            if (status != 204) {
                exchange.getResponseBody().write(answer);
            }
            exchange.close();
        });
        receiver.start();
        sender = Rig.start(redis, flags -> {
            flags.put(Setting.DEMO, "false");
            flags.put(
                    Setting.HTTP_ALLOW,
                    "http://127.0.0.1:" + receiver.getAddress().getPort() + ",http://localhost:1");
            flags.put(Setting.HTTP_SECRET, SECRET);
        });
    }

    @AfterAll
    static void stop() {
        sender.close();
        receiver.stop(0);
    }

    private final String queue = Rig.queue();

    private JsonNode deliver(int status, String payload, String wanted) {
        STATUS.set(status);
        String id = sender.enqueue(
                queue,
                "{\"type\":\"http\",\"payload\":" + payload
                        + ",\"maxAttempts\":2,\"backoff\":{\"type\":\"fixed\",\"delay\":\"1h\"}}");
        await().until(() -> sender.job(id).path("state").asText().equals(wanted));
        return sender.job(id);
    }

    private static String to(String path) {
        return "{\"url\":\"http://127.0.0.1:" + receiver.getAddress().getPort() + path
                + "\",\"headers\":{\"X-Custom\":\"c\"},\"body\":{\"a\":1}}";
    }

    @Test
    void deliversTheBodySigned() {
        JsonNode job = deliver(204, to("/hook?x=1"), "completed");
        Delivered got = DELIVERED.stream()
                .filter(one -> one.job().equals(job.path("id").asText()))
                .findFirst()
                .orElseThrow();
        assertThat(got.path()).isEqualTo("/hook?x=1");
        assertThat(got.body()).isEqualTo("{\"a\":1}");
        assertThat(got.custom()).isEqualTo("c");
        long seconds =
                Long.parseLong(got.signature().substring(2, got.signature().indexOf(',')));
        assertThat(got.signature())
                .isEqualTo(HttpDelivery.signature(SECRET, seconds, got.body().getBytes(StandardCharsets.UTF_8)));
        assertThat(job.at("/result/status").asInt()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void triesAgainWhatMayPass(int status) {
        JsonNode job = deliver(status, to("/later"), "delayed");
        assertThat(job.path("attempt").asInt()).isEqualTo(1);
        assertThat(job.toString()).doesNotContain("canary");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 400, 404, 410})
    void givesUpWhatWillNot(int status) {
        JsonNode job = deliver(status, to("/never"), "failed");
        assertThat(job.at("/error/message").asText()).contains("answered " + status);
        assertThat(job.toString()).doesNotContain("canary");
        assertThat(DELIVERED).noneMatch(one -> one.path().equals("/followed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"url\":\"http://127.0.0.1:1/\"}",
                "{\"url\":\"http://169.254.169.254/latest/meta-data\"}",
                "{\"url\":\"http://localhost:1/\"}",
                "{\"url\":\"file:///etc/passwd\"}",
                "{\"url\":\"nonsense\"}",
                "{\"url\":\"http://127.0.0.1:9 0/\"}"
            })
    void sendsNowhereElse(String payload) {
        int before = DELIVERED.size();
        assertThat(deliver(200, payload, "failed").at("/error/type").asText()).contains("Undeliverable");
        assertThat(DELIVERED).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Host\":\"evil\"",
                "\"Penstock-Signature\":\"x\"",
                "\"X\":\"a\\r\\nY: b\"",
                "\"X\\r\\nY\":\"b\"",
                "\"Content-Length\":\"0\"",
                "\"Transfer-Encoding\":\"chunked\""
            })
    void setsNoHeaderThatIsNotTheJobs(String header) {
        String payload = to("/x").replace("\"X-Custom\":\"c\"", header);
        assertThat(deliver(200, payload, "failed").at("/error/message").asText())
                .contains("not one that a job may set");
    }

    @Test
    void isOffWithoutAList(Rig rig) {
        assertThat(rig.get("/api/v1/info").json().path("handlers").toString()).doesNotContain("\"http\"");
    }
}
