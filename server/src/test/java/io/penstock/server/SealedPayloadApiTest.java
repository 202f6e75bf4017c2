package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.First.class)
@ExtendWith(EmbeddedRedisExtension.class)
final class SealedPayloadApiTest {
    private static final String KEY = "k1 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    @TempDir
    Path directory;

    private Path keys(String rights) throws IOException {
        Path file = directory.resolve("keys-" + rights);
        Files.writeString(file, KEY + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }

    private static String enqueue(Rig rig, String queue, String body) {
        Rig.Answer answer = rig.post("/api/v1/queues/" + queue + "/jobs", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("id").asText();
    }

    @Test
    void showsAPayloadToWhoeverHasTheKeyAndRunsIt(EmbeddedRedis redis) throws Exception {
        String file = keys("rw-------").toString();
        String later = "{\"type\":\"demo.echo\",\"payload\":{\"a\":\"secret\"},\"delay\":\"1h\"}";
        try (Rig rig = Rig.start(redis, flags -> {
            flags.put(Setting.PAYLOAD_KEYS, file);
            flags.put(Setting.PAYLOAD_COMPRESS, "100");
            flags.put(Setting.PAYLOAD_STORE, directory.resolve("store").toString());
            flags.put(Setting.PAYLOAD_OFFLOAD, "5000");
        })) {
            String id = enqueue(rig, "sealed", later);
            JsonNode job = rig.get("/api/v1/jobs/" + id).json();
            assertThat(job.path("payload").path("a").asText()).isEqualTo("secret");
            assertThat(job.path("payloadEncoding")).hasToString("[\"encrypted:k1\"]");
            JsonNode line = rig.get("/api/v1/jobs?queue=sealed&state=delayed")
                    .json()
                    .path("items")
                    .get(0);
            assertThat(line.path("payload").isNull()).isTrue();
            assertThat(line.path("payloadEncoding")).hasToString("[\"encrypted:k1\"]");
            String clone = rig.post("/api/v1/jobs/" + id + ":clone", "{\"delay\":\"2h\"}")
                    .json()
                    .path("id")
                    .asText();
            assertThat(rig.get("/api/v1/jobs/" + clone).text()).contains("secret");

            String run = enqueue(
                    rig, "sealed", later.replace(",\"delay\":\"1h\"", "").replace("secret", "x".repeat(500)));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> rig.get("/api/v1/jobs/" + run)
                            .json()
                            .path("state")
                            .asText()
                            .equals("completed"));
            assertThat(rig.get("/api/v1/jobs/" + run).json().path("payloadEncoding"))
                    .hasToString("[\"compressed\",\"encrypted:k1\"]");

            try (Rig other = Rig.start(redis, flags -> flags.put(Setting.QUEUES, "none"))) {
                JsonNode closed = other.get("/api/v1/jobs/" + id).json();
                assertThat(closed.path("payload").isNull()).isTrue();
                assertThat(closed.path("payloadEncoding")).hasToString("[\"encrypted:k1\"]");
            }
            JsonNode done = rig.get("/api/v1/jobs/" + run).json();
            assertThat(done.path("result").path("a").asText()).isEqualTo("x".repeat(500));
            assertThat(done.path("resultEncoding")).hasToString("[\"compressed\",\"encrypted:k1\"]");
            JsonNode listed = rig.get("/api/v1/jobs?queue=sealed&state=completed")
                    .json()
                    .path("items")
                    .get(0);
            assertThat(listed.path("result").isNull()).isTrue();
            assertThat(listed.path("resultEncoding")).hasToString("[\"compressed\",\"encrypted:k1\"]");
            assertThat(rig.get("/api/v1/config").text()).contains(file).doesNotContain("MDEyMzQ1");
        }
    }

    @Test
    void doesNotStartWithKeysThatOthersCanRead(EmbeddedRedis redis) throws Exception {
        String file = keys("rw-r--r--").toString();
        assertThatThrownBy(() -> Rig.start(redis, flags -> flags.put(Setting.PAYLOAD_KEYS, file)))
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining("MDEyMzQ1");
    }
}
