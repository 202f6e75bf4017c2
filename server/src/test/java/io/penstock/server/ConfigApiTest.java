package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.settings.Setting;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
@ResourceLock("memory") // one governor of the process obeys, and all of these ask it
final class ConfigApiTest {
    private static final String CONFIG = "/api/v1/config";
    private static final String THRESHOLD = "memoryOptimization.threshold";

    @TempDir
    private Path dir;

    private Rig start(EmbeddedRedis redis) {
        return Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
    }

    private static JsonNode item(Rig.Answer config, String key) {
        return StreamSupport.stream(config.json().path("items").spliterator(), false)
                .filter(item -> item.path("key").asText().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void changesWhatIsLiveAtOnceAndForGood(EmbeddedRedis redis) {
        Rig first = start(redis);
        Rig.Answer changed = first.send("PATCH", CONFIG, "{\"" + THRESHOLD + "\":\"70\"}");
        assertThat(changed.status()).as(changed.text()).isEqualTo(200);
        assertThat(item(changed, THRESHOLD).path("value").asText()).isEqualTo("70");
        assertThat(first.get("/api/v1/memory/policy").json().path("threshold").asInt())
                .isEqualTo(70);
        first.stop();

        Rig second = start(redis);
        assertThat(second.get("/api/v1/memory/policy").json().path("threshold").asInt())
                .isEqualTo(70);
        assertThat(item(second.get(CONFIG), THRESHOLD).path("origin").asText()).isEqualTo("changed at run time");
        Rig.Answer back = second.send("PATCH", CONFIG, "{\"" + THRESHOLD + "\":null}");
        assertThat(item(back, THRESHOLD).path("value").asText()).isEqualTo("80");
        assertThat(item(back, THRESHOLD).path("origin").asText()).isEqualTo("default");
        second.stop();
    }

    @Test
    void movesTheLoadLineWhileItRuns(Rig rig) {
        long before = rig.get("/api/v1/admission").json().path("lineBytes").asLong();
        Rig.Answer moved =
                rig.send("PATCH", CONFIG, "{\"memory.load-line\":0.3,\"memory.admission.mode\":\"monitor\"}");
        assertThat(moved.status()).as(moved.text()).isEqualTo(200);
        JsonNode line = rig.get("/api/v1/admission").json();
        assertThat(line.path("lineBytes").asLong()).isLessThan(before);
        assertThat(line.path("mode").asText()).isEqualToIgnoringCase("monitor");
        rig.send("PATCH", CONFIG, "{\"memory.load-line\":null,\"memory.admission.mode\":null}");
        assertThat(rig.get("/api/v1/admission").json().path("lineBytes").asLong())
                .isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"memoryOptimization.threshold\":96}|20 to 95",
                "{\"memoryOptimization.threshold\":70,\"memoryOptimization.intervalMs\":1}|100 to 3600000",
                "{\"memoryOptimization.enabled\":\"perhaps\"}|true or false",
                "{\"memoryOptimization.enabled\":[]}|a string, a number, true or false",
                "{\"port\":3002}|--port or PENSTOCK_PORT",
                "{\"memoryOptimization.treshold\":80}|did you mean",
                "7|object"
            })
    void refusesWhatIsNotLegalAndChangesNothing(String body, String reason, Rig rig) {
        String before = rig.get(CONFIG).text();
        Rig.Answer refused = rig.send("PATCH", CONFIG, body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains(reason);
        assertThat(rig.get(CONFIG).text()).isEqualTo(before);
    }

    @Test
    void changesOnlyWhatIsStillAsItWasRead(Rig rig) {
        String tag = rig.get(CONFIG).header("ETag");
        String change = "{\"" + THRESHOLD + "\":61}";
        assertThat(rig.send("PATCH", CONFIG, change, "If-Match", "\"other\"").status())
                .isEqualTo(412);
        assertThat(rig.send("PATCH", CONFIG, change, "If-Match", tag).header("ETag"))
                .isNotEqualTo(tag);
        assertThat(rig.send("PATCH", CONFIG, "{\"" + THRESHOLD + "\":null}").header("ETag"))
                .isEqualTo(tag);
    }
}
