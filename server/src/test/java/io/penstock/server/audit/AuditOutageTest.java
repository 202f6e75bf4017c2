package io.penstock.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Role;
import io.penstock.server.http.Deed;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Redactor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Redis is taken away from the audit: what is kept, how much, and what is told when it is back. */
@ExtendWith(RigExtension.First.class)
final class AuditOutageTest {
    private static final int CALLERS = 8;

    @TempDir
    private Path dir;

    @Test
    void writesWhatWasDoneMeanwhileWhenRedisIsBackEachOnceAndInItsOrder() {
        try (EmbeddedRedis redis = EmbeddedRedis.builder().dataDir(dir).start();
                Rig rig = Rig.start(redis, flags -> {})) {
            set(rig, 30_001);
            await().untilAsserted(() -> assertThat(sets(rig)).hasSize(1));
            redis.kill();
            for (int millis = 30_002; millis <= 30_006; millis++) {
                set(rig, millis); // needs no Redis, and does not wait for the audit
            }
            assertThat(rig.post("/api/v1/queues/mail:pause", null).status()).isEqualTo(503);
            assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);

            redis.restart();

            await().untilAsserted(() -> assertThat(items(rig, "&action=queues.pause"))
                    .singleElement()
                    .extracting(line -> line.path("status").asInt())
                    .isEqualTo(503));
            assertThat(sets(rig)).hasSize(6);
            List<String> times =
                    sets(rig).stream().map(line -> line.path("time").asText()).toList();
            assertThat(times).isSortedAccordingTo(java.util.Comparator.reverseOrder());
            assertThat(rig.get("/metrics").text()).contains("penstock_audit_lost 0.0");
            assertThat(items(rig, "&action=audit.lost")).isEmpty();
        }
    }

    private static void set(Rig rig, int millis) {
        assertThat(rig.send("PATCH", "/api/v1/config", "{\"memoryOptimization.intervalMs\":" + millis + "}")
                        .status())
                .isEqualTo(200);
    }

    private static List<JsonNode> sets(Rig rig) {
        return items(rig, "&action=config");
    }

    private static List<JsonNode> items(Rig rig, String query) {
        Rig.Answer answer = rig.get("/api/v1/audit?limit=500" + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        List<JsonNode> items = new ArrayList<>();
        answer.json().path("items").forEach(items::add);
        return items;
    }

    @Test
    void keepsSoManyAndSaysHowManyWereLost() {
        Route retry = Route.act("/api/v1/jobs/{id}:retry", call -> Reply.noContent());
        try (EmbeddedRedis redis = EmbeddedRedis.builder().dataDir(dir).start();
                Penstock penstock = Penstock.connect(redis.uri())) {
            Trail trail = new Trail(penstock.redis(), Duration.ofDays(1));
            Audit audit = new Audit(trail, penstock.timer(), Redactor.STANDARD); // not started: this test is its clock
            redis.kill();
            int done = 0;
            for (int i = 0; i < Pace.KNOWN; i++) {
                for (int caller = 0; caller < CALLERS; caller++) {
                    audit.saw(new Deed(
                            "POST",
                            retry,
                            Map.of("id", "mail-" + done++),
                            new Caller("caller-" + caller, Role.OPERATOR, List.of()),
                            "10.0.0.9",
                            "req",
                            200,
                            1,
                            new byte[0],
                            new byte[0],
                            null));
                }
            }
            long lost = audit.lost();
            int kept = (int) (done - lost);
            assertThat(lost).isPositive();
            assertThat(kept).isLessThanOrEqualTo(Audit.MOST_LINES);
            CompletionStage<Boolean> refused = audit.send();
            assertThat(refused == null || !refused.toCompletableFuture().join()).isTrue();

            redis.restart();

            await().untilAsserted(() -> {
                CompletionStage<Boolean> sent = audit.send();
                while (sent != null && sent.toCompletableFuture().join()) {
                    sent = audit.send();
                }
                assertThat(trail.read("+", "-", 10_000)).hasSize(kept + 1);
            });
            List<String> lines = trail.read("+", "-", 10_000).stream()
                    .map(stored -> new String(stored.line(), StandardCharsets.UTF_8))
                    .toList();
            assertThat(lines)
                    .filteredOn(line -> line.contains("\"action\":\"audit.lost\""))
                    .singleElement()
                    .asString()
                    .contains("\"requests\":" + lost);
            // the first are kept, each once: what came when there was no room is what was lost
            assertThat(lines.stream()
                            .map(line -> line.replaceAll(".*\"object\":\"([^\"]*)\".*", "$1"))
                            .distinct())
                    .hasSize(kept + 1)
                    .contains("mail-0", "mail-" + (kept - 1))
                    .doesNotContain("mail-" + kept);
        }
    }
}
