package io.penstock.server.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock("memory") // the server has a governor, as those of the tests that ask it have
@ExtendWith(RigExtension.class) // so that the shared server is there first
final class MonitorApiTest {
    private static final String MONITORING = "/api/v1/monitoring";
    private static EmbeddedRedis redis;
    private static Rig rig;

    @BeforeAll
    static void start() {
        redis = EmbeddedRedis.builder().persistence(false).start();
        rig = Rig.start(redis, flags -> {
            flags.put(Setting.MONITORING_QUEUE, "1000");
            flags.put(Setting.MONITORING_PERFORMANCE, "1000");
        });
    }

    @AfterAll
    static void stop() {
        rig.close();
        redis.close();
    }

    @Test
    void saysWhatItMeasuresAndWhatThatCosts() {
        await().until(() -> rig.get(MONITORING).json().at("/groups/1/samples").asLong() > 0);
        JsonNode status = rig.get(MONITORING).json();
        assertThat(status.path("enabled").asBoolean()).isTrue();
        assertThat(status.path("retainedBytes").asLong())
                .isPositive()
                .isLessThanOrEqualTo(status.path("maxBytes").asLong());
        assertThat(status.path("maxBytes").asLong()).isEqualTo(2 << 20);
        assertThat(status.path("cpuShare").asDouble()).isBetween(0.0, 0.5);
        List<String> groups = new ArrayList<>();
        for (JsonNode group : status.path("groups")) {
            groups.add(group.path("name").asText());
            assertThat(group.path("intervalMillis").asLong()).isPositive();
            assertThat(group.path("lastMicros").asDouble()).isPositive();
        }
        assertThat(groups).containsExactly("performance", "queue", "redis", "memory", "system");
        assertThat(Instant.parse(status.at("/groups/0/lastSample").asText())).isNotNull();
        assertThat(status.at("/queues/most").asInt()).isPositive();
        assertThat(status.at("/visualization/maxDataPoints").asInt()).isEqualTo(100);
        List<String> tasks = new ArrayList<>();
        status.path("timerTasks").forEach(task -> tasks.add(task.path("name").asText()));
        assertThat(tasks).contains("monitor-queue", "monitor-performance", "monitor-memory", "monitor-system", "http");
        assertThat(status.at("/timerTasks/0/runs").asLong()).isPositive();
    }

    @Test
    void measuresAQueueFromItsFirstJobToItsDeletion() {
        String queue = Rig.queue();
        String metric = "/queue." + queue + ".throughput.perSecond";
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            rig.enqueue(queue, "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":20}}");
            Rig.Answer answer = rig.get(MONITORING + "/series" + metric);
            return answer.status() == 200 && answer.json().path("latest").asDouble() > 0;
        });
        JsonNode runs = rig.get(MONITORING + "/series/queue." + queue + ".run.p99.millis?from=5m")
                .json();
        assertThat(runs.path("stepMillis").asLong()).isEqualTo(10_000);
        JsonNode last = runs.path("points").path(runs.path("points").size() - 1);
        assertThat(last.path("max").asDouble()).isGreaterThanOrEqualTo(20);
        assertThat(last.path("min").asDouble())
                .isLessThanOrEqualTo(last.path("avg").asDouble());
        assertThat(runs.path("points").size()).isLessThanOrEqualTo(100);

        rig.send("DELETE", "/api/v1/queues/" + queue + "?force=true", null);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> rig.get(MONITORING + "/series" + metric).status() == 404);
    }

    @Test
    void listsTheMetricsAPageAtATime() {
        JsonNode first = rig.get(MONITORING + "/series?prefix=process.&limit=3").json();
        assertThat(first.path("items").size()).isEqualTo(3);
        assertThat(first.at("/items/0/metric").asText()).isEqualTo("process.cpu.share");
        String next = first.path("next").asText();
        JsonNode second =
                rig.get(MONITORING + "/series?prefix=process.&cursor=" + next).json();
        assertThat(second.path("items").size()).isEqualTo(1);
        assertThat(second.at("/items/0/metric").asText()).isEqualTo("process.threads");
        assertThat(second.at("/items/0/latest").asLong()).isPositive();
        assertThat(second.path("next").isNull()).isTrue();
        assertThat(rig.get(MONITORING + "/series?prefix=redis.")
                        .json()
                        .path("items")
                        .size())
                .isEqualTo(7);
    }

    @Test
    void refusesWhatIsNotThereAndSaysWhatIs() {
        Rig.Answer unknown = rig.get(MONITORING + "/series/process.cpu.shar");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.text()).contains("did you mean \\\"process.cpu.share\\\"?");
        assertThat(rig.get(MONITORING + "/series/queue.none.waiting").text()).contains("monitoring.maxMemoryMB");
        assertThat(rig.get(MONITORING + "/series/process.threads?from=1m&to=1h").text())
                .contains("is after to");
        assertThat(rig.get(MONITORING + "/series/process.threads?from=soon").problem())
                .isEqualTo("invalid-value");
        assertThat(rig.get(MONITORING + "/series/process.threads?points=99999")
                        .json()
                        .path("points")
                        .size())
                .isLessThanOrEqualTo(100);
    }

    @Test
    void shownWithoutAPastItStillTellsTheLatestNumbers() {
        try (Rig plain = Rig.start(redis, flags -> flags.put(Setting.VISUALIZATION_ENABLED, "false"))) {
            await().until(() -> plain.get(MONITORING + "/series?prefix=process.threads")
                            .json()
                            .at("/items/0/latest")
                            .asLong()
                    > 0);
            Rig.Answer past = plain.get(MONITORING + "/series/process.threads");
            assertThat(past.status()).isEqualTo(404);
            assertThat(past.text()).contains("visualization.enabled is false");
            assertThat(plain.get(MONITORING).json().path("retainedBytes").asLong())
                    .isLessThan(256 << 10);
        }
    }
}
