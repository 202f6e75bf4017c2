package io.penstock.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class RedisApiTest {
    @Test
    void saysHowRedisDoes(Rig rig) {
        await().until(() -> !rig.get("/api/v1/redis").json().path("lookedAt").isNull());
        JsonNode redis = rig.get("/api/v1/redis").json();
        assertThat(redis.path("status").asText()).isIn("UP", "DEGRADED");
        assertThat(redis.path("connected").asBoolean()).isTrue();
        assertThat(redis.path("connections").asInt()).isBetween(1, 2);
        assertThat(redis.at("/memory/usedBytes").asLong()).isPositive();
        assertThat(redis.at("/replication/role").asText()).isEqualTo("master");
        assertThat(redis.at("/latency/p99Millis").asDouble()).isPositive();
        assertThat(redis.path("clients").asInt()).isPositive();
        assertThat(redis.path("slowlog").path("slowest").isArray()).isTrue();
        assertThat(redis.path("since").asText()).endsWith("Z");
    }

    @Test
    void showsThePoolWithExactlyThePromisedFields(Rig rig) {
        JsonNode pool = rig.get("/api/v1/redis/pool").json();
        List<String> fields = new ArrayList<>();
        pool.fieldNames().forEachRemaining(fields::add);
        assertThat(fields)
                .containsExactly(
                        "total",
                        "active",
                        "idle",
                        "waiting",
                        "max",
                        "min",
                        "avgAcquireMillis",
                        "avgResponseMillis",
                        "timeouts");
        assertThat(pool.path("max").asInt()).isEqualTo(20);
        assertThat(pool.path("total").asInt()).isZero();
    }

    @Test
    void showsHowFastRedisAnswers(Rig rig) {
        JsonNode latency = rig.get("/api/v1/redis/latency").json();
        assertThat(latency.at("/command/totalCount").asLong()).isPositive();
        assertThat(latency.at("/acquire/count").asLong()).isZero();
        await().until(() ->
                !rig.get("/api/v1/redis/latency").json().path("recent").isEmpty());
        assertThat(rig.get("/api/v1/redis/latency")
                        .json()
                        .at("/recent/0/meanMillis")
                        .asDouble())
                .isPositive();
    }

    @Test
    void countsForPrometheus(Rig rig) {
        assertThat(rig.get("/metrics").text())
                .containsPattern(
                        "penstock_redis_connections\\{state=\"open\"} [12]\\.0") // two after the first subscription
                .contains("penstock_redis_connections{state=\"active\"} 0.0")
                .contains("penstock_redis_command_seconds_count")
                .contains("penstock_redis_acquire_seconds_count");
    }

    @Test
    void takesThePoolFromTheSettingsAndAnswersWhileRedisIsAway() {
        try (EmbeddedRedis own = EmbeddedRedis.builder().persistence(false).start();
                Rig rig = Rig.start(own, flags -> {
                    flags.put(Setting.REDIS_POOL_MAX, "7");
                    flags.put(Setting.REDIS_POOL_MIN, "3");
                    flags.put(Setting.DEMO, "false");
                })) {
            await().until(() ->
                    rig.get("/api/v1/redis/pool").json().path("idle").asInt() == 3);
            assertThat(rig.get("/api/v1/redis/pool").json().path("max").asInt()).isEqualTo(7);
            own.kill();
            await().until(() ->
                    rig.get("/api/v1/redis").json().path("status").asText().equals("DOWN"));
            Rig.Answer health = rig.get("/api/v1/health");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.header("Content-Type")).isEqualTo("application/json");
            assertThat(health.json().path("status").asText()).isEqualTo("unhealthy");
            assertThat(health.json().at("/services/redis/status").asText()).isEqualTo("DOWN");
            assertThat(health.json().at("/services/redis/reason").asText()).contains("no connection to Redis");
        }
    }

    @Test
    void showsNoPayloadOfASlowCommand() {
        assertThat(RedisApi.words("SET key a secret value")).isEqualTo("SET key ...");
        assertThat(RedisApi.words("EVALSHA abc 1 pk:{q}:x secret")).isEqualTo("EVALSHA abc 1 pk:{q}:x ...");
        assertThat(RedisApi.words("INFO")).isEqualTo("INFO");
    }
}
