package io.penstock.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

@ExtendWith(RigExtension.class)
@ResourceLock("memory") // one governor of the process optimises, and all of these ask it
final class OptimisationApiTest {
    private static final String RUNS = "/api/v1/memory/optimizations";

    @Test
    void answersWithWhatWasMeasuredAndKeepsIt(Rig rig) {
        onlyByHand(rig, () -> runs(rig));
    }

    private static void runs(Rig rig) {
        Rig.Answer answer = asked(
                () -> rig.post(RUNS, "{\"strategy\":\"preventive\",\"reason\":\"before the batch\",\"force\":true}"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode report = answer.json();
        assertThat(report.path("strategy").asText()).isEqualTo("preventive");
        assertThat(report.path("reason").asText()).isEqualTo("before the batch");
        assertThat(report.path("trigger").asText()).isEqualTo("manual");
        assertThat(report.path("freedBytes").asLong()).isNotNegative();
        assertThat(report.path("rssReturnedBytes").asLong()).isNotNegative();
        assertThat(report.path("success").isBoolean()).isTrue();
        assertThat(report.at("/before/heapUsedBytes").asLong()).isPositive();
        assertThat(report.path("steps").isArray()).isTrue();
        String id = report.path("id").asText();
        assertThat(rig.get(RUNS + "?limit=1").json().at("/items/0/id").asText()).isEqualTo(id);
        assertThat(rig.get(RUNS + "/" + id).json().path("outcome")).isEqualTo(report.path("outcome"));
        assertThat(rig.get("/api/v1/memory").json().at("/optimization/last/id").asText())
                .isEqualTo(id);
        assertThat(rig.get("/metrics").text())
                .contains("penstock_memory_optimization_total{outcome=")
                .contains("strategy=\"preventive\"");

        Rig.Answer again = rig.post(RUNS, "{\"strategy\":\"preventive\"}");
        assertThat(again.status()).isEqualTo(429);
        assertThat(again.problem()).isEqualTo("too-soon");
        assertThat(again.header("Retry-After")).matches("\\d+");
        assertThat(again.text()).contains("force");
    }

    @Test
    void refusesWhatItDoesNotKnowAndNamesTheLegal(Rig rig) {
        assertThat(rig.post(RUNS, "{\"strategy\":\"agressive\"}").text())
                .contains("did you mean \\\"aggressive\\\"?")
                .contains("emergency");
        assertThat(rig.post(RUNS, "{\"strategie\":\"standard\"}").problem()).isEqualTo("unknown-field");
        assertThat(rig.post(RUNS, "{\"force\":\"yes\"}").text()).contains("true or false");
        assertThat(rig.get(RUNS + "/nothing").status()).isEqualTo(404);
        assertThat(rig.get(RUNS + "?cursor=nothing").problem()).isEqualTo("invalid-value");
    }

    @Test
    void refusesWhileItIsSwitchedOff(Rig rig) {
        try {
            assertThat(rig.send("PUT", "/api/v1/memory/policy", "{\"enabled\":false}")
                            .status())
                    .isEqualTo(200);
            Rig.Answer refused = rig.post(RUNS, "{\"force\":true}");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.text()).contains("switched off");
            assertThat(rig.get("/api/v1/memory").json().path("enabled").asBoolean())
                    .isFalse();
        } finally {
            rig.send("PUT", "/api/v1/memory/policy", "{\"enabled\":null}");
        }
    }

    /** Under this machine's pressure the governor runs too: not while this test reads the newest run. */
    private static void onlyByHand(Rig rig, Runnable test) {
        try {
            assertThat(rig.send("PUT", "/api/v1/memory/policy", "{\"autoOptimization\":false}")
                            .status())
                    .isEqualTo(200);
            test.run();
        } finally {
            rig.send("PUT", "/api/v1/memory/policy", "{\"autoOptimization\":null}");
        }
    }

    /** The answer once the run that the governor had begun before is over. */
    private static Rig.Answer asked(Callable<Rig.Answer> ask) {
        return await().until(ask, answer -> answer.status() != 409);
    }
}
