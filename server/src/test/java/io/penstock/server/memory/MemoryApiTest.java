package io.penstock.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

@ExtendWith(RigExtension.class)
@ResourceLock("memory") // one governor of the process optimises, and all of these ask it
final class MemoryApiTest {
    private static final String MEMORY = "/api/v1/memory";

    @Test
    void tellsAllThatItKnowsUnderThePublishedNames(Rig rig) {
        JsonNode memory = rig.get(MEMORY).json();
        assertThat(memory.path("enabled").asBoolean()).isTrue();
        assertThat(memory.path("level").asText()).isIn("NORMAL", "WATCH", "HIGH", "CRITICAL", "EMERGENCY");
        JsonNode sample = memory.path("sample");
        for (String name : List.of(
                "heapUsedBytes",
                "heapCommittedBytes",
                "heapMaxBytes",
                "rssBytes",
                "directBytes",
                "metaspaceBytes",
                "gcCount",
                "gcMillis")) {
            assertThat(sample.path(name).isIntegralNumber()).as(name).isTrue();
        }
        assertThat(sample.path("heapUsedPercentage").asDouble()).isBetween(0.1, 100.0);
        assertThat(sample.has("liveSetBytes")).isTrue();
        assertThat(Instant.parse(sample.path("timestamp").asText())).isNotNull();
        assertThat(memory.path("trend").has("timeToFullSeconds")).isTrue();
        assertThat(memory.at("/leak/verdict").asText()).isIn("NONE", "GROWTH", "SUSPECTED", "CONFIRMED");
        assertThat(memory.at("/leak/evidence").isArray()).isTrue();
        assertThat(memory.at("/optimization/runs").isIntegralNumber()).isTrue();
        assertThat(memory.at("/health/status").asText()).isIn("ok", "degraded", "unhealthy");
        assertThat(memory.at("/health/issues").isArray()).isTrue();
        assertThat(memory.path("recommendations").isArray()).isTrue();
        assertThat(memory.at("/admission/mode").asText()).isEqualTo("enforce");
        assertThat(memory.at("/monitor/retainedBytes").asLong()).isBetween(1L, 1L << 20);
        assertThat(memory.at("/monitor/sampleMicros").isNumber()).isTrue();
    }

    @Test
    void saysNullAndNeverMinusOneForWhatNobodyKnows(Rig rig) {
        JsonNode memory = rig.get(MEMORY).json();
        List<String> negative = new ArrayList<>();
        collectNegative("", memory.path("sample"), negative);
        collectNegative("", memory.path("admission"), negative);
        assertThat(negative).isEmpty();
        JsonNode trend = rig.get(MEMORY + "/trend").json();
        boolean enough =
                trend.path("floors").asInt() >= trend.path("floorsNeeded").asInt();
        assertThat(trend.path("known").asBoolean()).isEqualTo(enough);
        assertThat(trend.path("slopeBytesPerSecond").isNull()).isEqualTo(!enough);
        assertThat(trend.has("timeToFullSeconds")).isTrue();
    }

    private static void collectNegative(String name, JsonNode node, List<String> found) {
        if (node.isNumber() && node.asDouble() < 0) {
            found.add(name);
        }
        node.properties().forEach(field -> collectNegative(name + "/" + field.getKey(), field.getValue(), found));
    }

    @Test
    void showsThePastInAsManyPointsAsAskedFor(Rig rig) {
        JsonNode past = rig.get(MEMORY + "/history?from=1h&points=999999").json();
        assertThat(past.path("columns").toString()).contains("liveSetBytes", "rssBytes");
        assertThat(past.path("points").size()).isBetween(1, 1_000);
        assertThat(past.at("/points/0/heapUsedBytes").asLong()).isPositive();
        assertThat(rig.get(MEMORY + "/history?points=-3").json().path("points").size())
                .isLessThanOrEqualTo(1);
        assertThat(rig.get(MEMORY + "/history?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")
                        .json()
                        .path("points"))
                .isEmpty();
        assertThat(rig.get(MEMORY + "/history?from=yesterday").problem()).isEqualTo("invalid-value");
        assertThat(rig.get(MEMORY + "/history?from=1m&to=1h").text()).contains("is after to");
        assertThat(rig.get(MEMORY + "/history?points=many").status()).isEqualTo(400);
    }

    @Test
    void countsWhatJobsNeedAndHowManyWait(Rig rig) {
        String queue = Rig.queue();
        String id = rig.enqueue(queue, "{\"type\":\"demo.alloc\",\"payload\":{\"mb\":4,\"ms\":1}}");
        await().until(() -> rig.job(id).path("state").asText().equals("completed"));
        JsonNode admission = rig.get("/api/v1/admission").json();
        assertThat(admission.path("lineBytes").asLong())
                .isPositive()
                .isLessThan(admission.path("heapBytes").asLong());
        assertThat(admission.path("admitted").asLong()).isPositive();
        assertThat(admission.path("types").toString()).contains("demo.alloc");
    }

    @Test
    void countsForPrometheus(Rig rig) {
        assertThat(rig.get("/metrics").text())
                .contains("penstock_memory_rss_bytes ")
                .contains("penstock_memory_heap_used_bytes ")
                .contains("penstock_memory_heap_live_bytes ")
                .contains("penstock_memory_direct_bytes ")
                .contains("penstock_memory_limit_bytes ")
                .contains("penstock_memory_level ")
                .contains("penstock_memory_slope ")
                .contains("penstock_memory_freed_bytes_total ")
                .contains("penstock_admission_total{decision=\"admitted\"");
    }
}
