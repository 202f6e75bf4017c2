package io.penstock.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

@ExtendWith(RigExtension.class)
@ResourceLock("memory") // one governor of the process optimises, and all of these ask it
final class SnapshotApiTest {
    private static final String SNAPSHOTS = "/api/v1/memory/snapshots";
    private static final String HISTOGRAM = "/api/v1/memory/histogram";

    @Test
    void holdsNumbersAndNamesAndNoSecret(Rig rig) throws InterruptedException {
        String canary = "canary-7f3a";
        String queue = Rig.queue();
        System.setProperty("penstock.test." + canary, canary + "-property");
        CountDownLatch over = new CountDownLatch(1);
        Thread named = new Thread(
                () -> {
                    try {
                        over.await();
                    } catch (InterruptedException ends) {
                        Thread.currentThread().interrupt();
                    }
                },
                canary + "-thread");
        named.start();
        try {
            String id = rig.enqueue(
                    queue,
                    "{\"type\":\"demo.echo\",\"payload\":{\"secret\":\"" + canary + "\"},\"group\":\"" + canary
                            + "\",\"metadata\":{\"k\":\"" + canary + "\"},\"unique\":{\"key\":\"" + canary + "\"}}");
            await().until(() -> rig.job(id).path("state").asText().equals("completed"));
            rig.post("/api/v1/memory/optimizations", "{\"reason\":\"" + canary + "\",\"strategy\":\"preventive\"}");
            Rig.Answer taken = alone(() -> rig.post(SNAPSHOTS, "{\"histogram\":true}"));
            assertThat(taken.status()).as(taken.text()).isEqualTo(201);
            String again = rig.get(taken.header("Location")).text();
            assertThat(again).isEqualTo(taken.text());
            assertThat(again).contains("demo.echo").contains("java.lang.String").contains("heapUsedBytes");
            assertThat(again).doesNotContain(canary).doesNotContain(rig.token());
            assertThat(again).doesNotContain(System.getProperty("java.class.path"));
            String path = System.getenv("PATH");
            assertThat(again).doesNotContain(path == null ? canary : path);
            assertThat(rig.get(SNAPSHOTS).text()).doesNotContain(canary);
            assertThat(alone(() -> rig.get("/api/v1/memory/histogram?top=1000")).text())
                    .doesNotContain(canary);
        } finally {
            over.countDown();
            named.join();
            System.clearProperty("penstock.test." + canary);
        }
    }

    @Test
    void takesOneForEachIdempotencyKey(Rig rig) {
        String key = "snap-" + Rig.queue();
        String first = rig.send("POST", SNAPSHOTS, "{}", "Idempotency-Key", key).text();
        assertThat(rig.send("POST", SNAPSHOTS, "{}", "Idempotency-Key", key).text())
                .isEqualTo(first);
        assertThat(rig.post(SNAPSHOTS, "{\"heapDump\":true}").problem()).isEqualTo("unknown-field");
        assertThat(rig.get(SNAPSHOTS + "/nothing").status()).isEqualTo(404);
        JsonNode page = rig.get(SNAPSHOTS + "?limit=1").json();
        assertThat(page.path("items")).hasSize(1);
    }

    @Test
    void keepsTwentyAtMost(Rig rig) {
        for (int i = 0; i < 25; i++) {
            rig.post(SNAPSHOTS, "{}");
        }
        assertThat(rig.get(SNAPSHOTS).json().path("items")).hasSize(20);
    }

    @Test
    void tellsThePauseBeforeItTakesAHistogram(Rig rig) {
        JsonNode estimate = rig.get(HISTOGRAM + "?estimate=true").json();
        assertThat(estimate.path("estimatedPauseMillis").asLong()).isPositive();
        assertThat(estimate.has("classes")).isFalse();
        JsonNode histogram = alone(() -> rig.get(HISTOGRAM + "?top=3")).json();
        assertThat(histogram.path("classes")).hasSize(3);
        assertThat(histogram.path("totalBytes").asLong())
                .isGreaterThan(histogram.at("/classes/0/bytes").asLong());
        assertThat(histogram.path("growth").isArray()).isTrue();
        assertThat(rig.get(HISTOGRAM + "?top=0").json().path("classes")).hasSize(1);
        assertThat(rig.get(HISTOGRAM + "?estimate=perhaps").status()).isEqualTo(400);
    }

    /** Tests of other classes take histograms of the same process, one at a time. */
    private static Rig.Answer alone(Callable<Rig.Answer> asking) {
        return await().until(asking, answer -> answer.status() != 409);
    }
}
