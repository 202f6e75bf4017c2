package io.penstock.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
@ResourceLock("memory") // one governor of the process optimises, and all of these ask it
final class PolicyApiTest {
    private static final String POLICY = "/api/v1/memory/policy";

    @TempDir
    private Path dir;

    private Rig start(EmbeddedRedis redis, Consumer<Map<Setting, String>> change) {
        return Rig.start(dir.resolve("data"), flags -> {
            flags.put(Setting.REDIS, redis.uri());
            change.accept(flags);
        });
    }

    @Test
    void appliesAtOnceSurvivesARestartAndCanBeTakenBack(EmbeddedRedis redis) throws IOException {
        Rig first = start(redis, flags -> flags.put(Setting.MEMORY_THRESHOLD, "85"));
        assertThat(first.get(POLICY).json().path("threshold").asInt()).isEqualTo(85);
        Rig.Answer changed = first.send("PUT", POLICY, "{\"threshold\":70,\"intervalMs\":60000}");
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(changed.json().path("threshold").asInt()).isEqualTo(70);
        assertThat(changed.json().path("autoOptimization").asBoolean()).isTrue();
        assertThat(changed.json().at("/origins/threshold").asText()).isEqualTo("changed at run time");
        assertThat(changed.json().at("/origins/enabled").asText()).isEqualTo("default");
        assertThat(first.get("/api/v1/config").text())
                .contains(
                        "{\"key\":\"memoryOptimization.threshold\",\"value\":\"70\",\"origin\":\"changed at run time\",\"live\":true}");
        Path file = dir.resolve("data/live-settings.properties");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        first.stop();

        Rig second = start(redis, flags -> flags.put(Setting.MEMORY_THRESHOLD, "85"));
        JsonNode kept = second.get(POLICY).json();
        assertThat(kept.path("threshold").asInt()).isEqualTo(70);
        assertThat(kept.path("intervalMs").asLong()).isEqualTo(60_000);
        JsonNode back = second.send("PUT", POLICY, "{\"threshold\":null}").json();
        assertThat(back.path("threshold").asInt()).isEqualTo(85);
        assertThat(back.at("/origins/threshold").asText()).isEqualTo("flag --memory-optimization-threshold");
        second.stop();

        Files.writeString(file, "memoryOptimization.threshold=5\n");
        assertThatThrownBy(() -> start(redis, flags -> {}))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("20 to 95")
                .hasMessageContaining("live-settings.properties");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"threshold\":96}|20 to 95",
                "{\"threshold\":\"80\"}|20 to 95",
                "{\"intervalMs\":99}|100 to 3600000",
                "{\"maxHeapSizeMB\":15}|16 to 16777216",
                "{\"maxRSSSizeMB\":-1}|0 to 16777216",
                "{\"enabled\":1}|true or false",
                "{\"treshold\":80}|did you mean",
                "[]|object"
            })
    void refusesWhatIsNotLegalAndChangesNothing(String body, String legal, Rig rig) {
        String before = rig.get(POLICY).text();
        Rig.Answer refused = rig.send("PUT", POLICY, body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains(legal);
        assertThat(rig.get(POLICY).text()).isEqualTo(before);
    }

    @Test
    void changesOnlyWhatIsStillAsItWasRead(Rig rig) {
        String tag = rig.get(POLICY).header("ETag");
        assertThat(rig.send("PUT", POLICY, "{\"threshold\":60}", "If-Match", "\"other\"")
                        .status())
                .isEqualTo(412);
        Rig.Answer changed = rig.send("PUT", POLICY, "{\"threshold\":60}", "If-Match", tag);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isNotEqualTo(tag);
        assertThat(rig.send("PUT", POLICY, "{\"threshold\":null}").header("ETag"))
                .isEqualTo(tag);
    }
}
