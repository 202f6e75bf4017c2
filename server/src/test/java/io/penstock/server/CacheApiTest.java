package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.Penstock;
import io.penstock.cache.Cache;
import io.penstock.embedded.EmbeddedRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class CacheApiTest {
    @Test
    void showsAndClearsTheCachesOfAllProcesses(Rig rig, EmbeddedRedis redis) {
        try (Penstock application = Penstock.connect(redis.uri())) {
            Cache<String> users = application.cache("users", String.class, c -> c);
            assertThat(users.get("1", () -> "Ann")).isEqualTo("Ann");
            assertThat(users.get("1", () -> "Ben")).isEqualTo("Ann");
            application.caches().everywhere(); // reports at once
            JsonNode answer = rig.get("/api/v1/caches").json();
            assertThat(answer.at("/near/maxBytes").asLong()).isPositive();
            JsonNode one = answer.at("/items/0");
            assertThat(one.path("name").asText()).isEqualTo("users");
            assertThat(one.path("processes").asInt()).isEqualTo(1);
            assertThat(one.path("loads").asInt()).isEqualTo(1);
            assertThat(one.path("hitShare").asDouble()).isEqualTo(0.5);
            assertThat(one.at("/near/entries").asInt()).isEqualTo(1);

            assertThat(rig.post("/api/v1/caches/users:clear", null)
                            .json()
                            .path("cleared")
                            .asBoolean())
                    .isTrue();
            await().until(() -> users.getIfPresent("1") == null);
        }
        assertThat(rig.post("/api/v1/caches/nobody:clear", null).status()).isEqualTo(404);
        assertThat(rig.post("/api/v1/caches/a%20b:clear", null).status()).isEqualTo(400);
        assertThat(rig.get("/api/v1/caches").json().path("items")).isEmpty();
    }
}
