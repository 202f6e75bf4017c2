package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.SettingsException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class HealthApiTest {
    @Test
    void bringsAllServicesTogether(Rig rig) {
        Rig.Answer answer = rig.get("/api/v1/health");
        assertThat(answer.status()).isEqualTo(200);
        JsonNode services = answer.json().path("services");
        assertThat(services.at("/redis/status").asText()).isIn("UP", "DEGRADED");
        assertThat(services.at("/memory/status").asText()).isIn("UP", "DEGRADED");
        assertThat(services.has("database")).isFalse();
    }

    @Test
    void watchesTheDatabaseOfTheSettings(EmbeddedRedis redis, @TempDir Path dir) {
        try (Rig rig = Rig.start(redis, flags -> {
            flags.put(Setting.DATABASE_URL, "jdbc:h2:file:" + dir.resolve("db"));
            flags.put(Setting.DATABASE_USER, "sa");
            flags.put(Setting.DATABASE_PASSWORD, "hush-hush");
        })) {
            await().until(() -> rig.get("/api/v1/health")
                    .json()
                    .at("/services/database/product")
                    .asText()
                    .equals("H2"));
            JsonNode database = rig.get("/api/v1/health").json().at("/services/database");
            assertThat(database.path("status").asText()).isEqualTo("UP");
            assertThat(database.path("readOnly").asBoolean()).isFalse();
            assertThat(rig.get("/api/v1/config").text()).doesNotContain("hush-hush");
        }
    }

    @Test
    void refusesADatabaseThatNoDriverKnows(EmbeddedRedis redis) {
        assertThatThrownBy(() -> Rig.start(
                        redis, flags -> flags.put(Setting.DATABASE_URL, "jdbc:nosuch://host/db?password=hush-hush")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("database.url")
                .hasMessageContaining("known to no driver")
                .hasMessageNotContaining("hush-hush");
    }
}
