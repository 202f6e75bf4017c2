package io.penstock.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.examples.chat.stub.StubModel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class RestartTest {
    @Test
    void endsATurnAfterARestartThatWasUnderWayBefore(@TempDir Path dir) throws Exception {
        try (StubModel stub = StubModel.start(0, ChatRig.FAST.pace(0, 50, 10_000))) {
            String id;
            ChatRig before = ChatRig.start(dir, stub);
            try (ChatRig.Events events = before.events("go on")) {
                id = events.until("turn").path("id").asText();
                events.until("delta");
                before.close(); // hangs up on the caller, which is not the caller leaving
            }
            stub.settings(ChatRig.FAST);
            try (ChatRig after = ChatRig.start(dir, stub)) {
                await().atMost(Duration.ofMinutes(2))
                        .untilAsserted(() -> assertThat(after.conversation(id)
                                        .path("turns")
                                        .path(0)
                                        .path("state")
                                        .asText())
                                .isEqualTo("completed"));
                assertThat(after.get("/api/agents").body()).contains("default");
            }
        }
    }
}
