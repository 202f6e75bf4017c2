package io.penstock.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import io.penstock.job.JobState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class NotifyTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void tellsByMailAndByWebhookAndNeverAnAddressThatIsNotListed(@TempDir Path dir) throws Exception {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        mail.start();
        Map<String, String> posted = new ConcurrentHashMap<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posted.put(
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getFirst("Penstock-Signature") + body);
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        String listed = "http://127.0.0.1:" + receiver.getAddress().getPort();
        try (ChatRig rig = ChatRig.start(
                dir,
                "--smtp=127.0.0.1:" + mail.getSmtp().getPort(),
                "--webhook-allow=" + listed,
                "--webhook-secret=0123456789abcdef")) {
            String other = "http://localhost:" + receiver.getAddress().getPort() + "/other";
            for (String url : List.of(listed + "/told", other)) {
                var answer = rig.send(rig.post(
                        "{\"message\":\"tell me\",\"email\":\"someone@example.org\",\"webhook\":\"" + url + "\"}"));
                assertThat(answer.statusCode()).isEqualTo(200);
            }
            assertThat(mail.waitForIncomingEmail(LONG.toMillis(), 2)).isTrue();
            assertThat(mail.getReceivedMessages()[0].getContent().toString()).contains("You asked: tell me");
            await().atMost(LONG).until(() -> posted.containsKey("/told"));
            assertThat(posted.get("/told")).contains("v1=").contains("You asked: tell me");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(rig.app()
                                    .penstock()
                                    .queue("webhook")
                                    .list(JobState.FAILED, null, 10)
                                    .jobs())
                            .singleElement()
                            .satisfies(
                                    dead -> assertThat(dead.error().message()).contains("is not on the list")));
            assertThat(posted).doesNotContainKey("/other");
        } finally {
            receiver.stop(0);
            mail.stop();
        }
    }
}
