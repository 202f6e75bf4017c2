package io.penstock.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schedule.CleanupReport;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same application on a real PostgreSQL; skipped, and said so, where none can run. */
@Timeout(240)
final class PostgresTest {
    private static EmbeddedPostgres postgres() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (Exception | LinkageError impossible) {
            System.out.println("PostgreSQL cannot run here, its test is skipped: " + impossible);
            Assumptions.abort("PostgreSQL cannot run here: " + impossible);
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void keepsAgentsAndConversationsInPostgresOverARestartAndForgetsThem(@TempDir Path dir) throws Exception {
        try (EmbeddedPostgres postgres = postgres()) {
            String url = "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres?sslmode=disable";
            List<String> flags = List.of("--database-url=" + url, "--database-user=postgres");
            String id;
            try (ChatRig rig = ChatRig.start(dir, flags.toArray(String[]::new))) {
                rig.agent("second", "{\"name\":\"Second\",\"model\":\"m-2\"}");
                rig.agent("second", "{\"name\":\"Renamed\",\"model\":\"m-2\"}");
                JsonNode asked = ChatRig.json(rig.send(rig.post("{\"message\":\"where?\",\"agent\":\"second\"}")));
                id = asked.path("id").asText();
                rig.send(rig.post("{\"message\":\"and then?\",\"conversation\":\"" + id + "\"}"));
                assertThat(rig.send(rig.post("{\"message\":\"nothing \\u0000 more\"}"))
                                .statusCode())
                        .isEqualTo(400); // PostgreSQL has no such character
                assertThat(rig.get("/api/chat").body()).contains("where?");
            }
            try (ChatRig rig = ChatRig.start(dir, flags.toArray(String[]::new))) {
                assertThat(rig.get("/api/agents").body()).contains("Renamed");
                assertThat(rig.conversation(id).path("turns").findValuesAsText("answer"))
                        .hasSize(2)
                        .allMatch(answer -> answer.startsWith("You asked: "));
                age(flags);
                await().until(() -> rig.app().penstock().cleanup().runNow());
                await().untilAsserted(
                                () -> assertThat(rig.app().penstock().cleanup().reports())
                                        .flatExtracting(CleanupReport::steps)
                                        .extracting(CleanupReport.Step::removed)
                                        .contains(4L));
                assertThat(rig.get("/api/chat/" + id).statusCode()).isEqualTo(404);
                assertThat(rig.get("/api/health").body()).contains("\"status\":\"ok\"");
            }
        }
    }

    /** All that was said becomes older than it is kept. */
    private static void age(List<String> flags) {
        long month = Duration.ofDays(31).toMillis();
        try (Database database = new Database(ChatSettings.read(flags, Map.of()))) {
            database.update("UPDATE turn SET asked_at = asked_at - ?", month);
            database.update("UPDATE answer SET answered_at = answered_at - ?", month);
        }
    }
}
