package io.penstock.server.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class LimitApiTest {
    private static Rig.Answer put(Rig rig, String key, String body) {
        return rig.send("PUT", "/api/v1/limits/" + key, body);
    }

    private static JsonNode find(Rig rig, String key) {
        return StreamSupport.stream(
                        rig.get("/api/v1/limits").json().path("items").spliterator(), false)
                .filter(limit -> limit.path("key").asText().equals(key))
                .findFirst()
                .orElse(null);
    }

    @Test
    void setsListsAndTakesBackALimit(Rig rig) {
        Rig.Answer set = put(rig, "llm", "{\"kind\":\"bucket\",\"permits\":60,\"per\":\"1m\",\"burst\":5}");
        assertThat(set.status()).as(set.text()).isEqualTo(200);
        assertThat(set.json().path("burst").asInt()).isEqualTo(5);
        assertThat(set.json().path("away").asText()).isEqualTo("open");
        assertThat(find(rig, "llm").path("origin").asText()).isEqualTo("operator");
        assertThat(rig.send("DELETE", "/api/v1/limits/llm", null).status()).isEqualTo(204);
        assertThat(find(rig, "llm")).isNull();
        assertThat(rig.send("DELETE", "/api/v1/limits/llm", null).status()).isEqualTo(404);
    }

    @Test
    void refusesWhatIsNotLegalAndSaysWhatIs(Rig rig) {
        assertThat(put(rig, "x", "{\"kind\":\"buket\",\"permits\":1,\"per\":\"1s\"}")
                        .text())
                .contains("did you mean \\\"bucket\\\"?");
        assertThat(put(rig, "x", "{\"kind\":\"window\",\"permits\":1}").text()).contains("per is missing");
        assertThat(put(rig, "x", "{\"kind\":\"window\",\"permits\":0,\"per\":\"1s\"}")
                        .status())
                .isEqualTo(400);
        assertThat(put(rig, "x", "{\"kind\":\"window\",\"permits\":1,\"per\":\"1ms\"}")
                        .text())
                .contains("PT0.1S");
        assertThat(put(rig, "x", "{\"kind\":\"window\",\"permits\":1,\"per\":\"1s\",\"burst\":7}")
                        .text())
                .contains("the same as its permits");
        assertThat(put(rig, "x%20y", "{\"kind\":\"window\",\"permits\":1,\"per\":\"1s\"}")
                        .status())
                .isEqualTo(400);
        assertThat(put(rig, "x", "{\"kind\":\"concurrency\",\"permits\":1,\"per\":\"1s\",\"queue\":\"mail\"}")
                        .text())
                .contains("cannot have a limit of concurrency");
        assertThat(find(rig, "x")).isNull();
    }

    @Test
    void letsThoseWithoutTheLibraryAsk(Rig rig) {
        put(rig, "ask", "{\"kind\":\"window\",\"permits\":2,\"per\":\"1h\"}");
        String path = "/api/v1/limits/ask:acquire";
        assertThat(rig.post(path, "{\"subject\":\"user-7\"}")
                        .json()
                        .path("remaining")
                        .asInt())
                .isEqualTo(1);
        assertThat(rig.post(path, "{\"subject\":\"user-7\"}").header("RateLimit"))
                .contains("\"ask\";r=0");
        Rig.Answer denied = rig.post(path, "{\"subject\":\"user-7\"}");
        assertThat(denied.status()).isEqualTo(429);
        assertThat(denied.problem()).isEqualTo("rate-limited");
        assertThat(Long.parseLong(denied.header("Retry-After"))).isPositive();
        assertThat(denied.header("RateLimit-Policy")).isEqualTo("\"ask\";q=2;w=3600");
        assertThat(rig.post(path, "{\"subject\":\"user-8\"}").status()).isEqualTo(200);
        assertThat(find(rig, "ask").at("/subjects/0/subject").asText()).isEqualTo("user-7");
        assertThat(rig.post("/api/v1/limits/ask:reset", "{\"subject\":\"user-7\"}")
                        .json()
                        .path("forgotten")
                        .asBoolean())
                .isTrue();
        assertThat(rig.post(path, "{\"subject\":\"user-7\"}").status()).isEqualTo(200);
        assertThat(rig.post(path, "{\"subject\":\"\"}").status()).isEqualTo(400);
        assertThat(rig.post(path, "{\"subject\":\"a\",\"permits\":3}").status()).isEqualTo(400);
        assertThat(rig.post("/api/v1/limits/none:acquire", "{\"subject\":\"a\"}")
                        .status())
                .isEqualTo(404);
        put(rig, "held", "{\"kind\":\"concurrency\",\"permits\":2,\"per\":\"10s\"}");
        assertThat(rig.post("/api/v1/limits/held:acquire", "{\"subject\":\"a\"}")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void holdsProducersOfAQueueToItsRate(Rig rig) {
        String queue = Rig.queue();
        put(rig, "rate." + queue, "{\"kind\":\"window\",\"permits\":3,\"per\":\"1h\",\"queue\":\"" + queue + "\"}");
        String job = "{\"type\":\"nobody.knows\",\"payload\":1}";
        rig.enqueue(queue, job);
        Rig.Answer denied = rig.post("/api/v1/jobs:batch", batch(queue, 3));
        assertThat(denied.status()).isEqualTo(429);
        assertThat(denied.text()).contains("limit rate." + queue + " of 3 in PT1H is used up");
        assertThat(rig.post("/api/v1/jobs:batch", batch(queue, 2))
                        .json()
                        .path("accepted")
                        .asInt())
                .isEqualTo(2);
        assertThat(rig.post("/api/v1/queues/" + queue + "/jobs", job).status()).isEqualTo(429);
        assertThat(rig.post("/api/v1/jobs:batch", batch(queue, 4)).status()).isEqualTo(413);
        assertThat(rig.get("/api/v1/queues/" + queue)
                        .json()
                        .at("/counts/waiting")
                        .asInt())
                .isEqualTo(3);
        String other = Rig.queue();
        String mixed = batch(queue, 1).replace("]", "," + batch(other, 1).substring(1));
        JsonNode answer = rig.post("/api/v1/jobs:batch", mixed).json();
        assertThat(answer.path("accepted").asInt()).isEqualTo(1);
        assertThat(answer.at("/errors/0/status").asInt()).isEqualTo(429);
    }

    private static String batch(String queue, int jobs) {
        String line = "{\"queue\":\"" + queue + "\",\"type\":\"nobody.knows\",\"payload\":1}";
        return "[" + String.join(",", java.util.Collections.nCopies(jobs, line)) + "]";
    }

    @Test
    void outlivesItsServerAndHoldsForOthers() {
        try (EmbeddedRedis own = EmbeddedRedis.builder().persistence(false).start()) {
            try (Rig first = Rig.start(own, flags -> {})) {
                put(first, "kept", "{\"kind\":\"window\",\"permits\":2,\"per\":\"1h\"}");
            }
            try (Rig second = Rig.start(own, flags -> {});
                    Rig third = Rig.start(own, flags -> {})) {
                assertThat(find(second, "kept").path("permits").asInt()).isEqualTo(2);
                put(third, "kept", "{\"kind\":\"window\",\"permits\":5,\"per\":\"1h\"}");
                await().until(() -> find(second, "kept").path("permits").asInt() == 5);
                assertThat(third.send("DELETE", "/api/v1/limits/kept", null).status())
                        .isEqualTo(204);
                await().until(() -> find(second, "kept") == null);
            }
        }
    }

    @Test
    void holdsEachTokenToItsRate(EmbeddedRedis redis) {
        try (Rig rig = Rig.start(redis, flags -> flags.put(Setting.API_RATE, "5/1h"))) {
            for (int i = 4; i >= 0; i--) {
                Rig.Answer answer = rig.get("/api/v1/info");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.header("RateLimit-Policy")).isEqualTo("\"api-token\";q=5;w=3600");
                assertThat(answer.header("RateLimit")).startsWith("\"api-token\";r=" + i + ";t=");
            }
            Rig.Answer denied = rig.get("/api/v1/info");
            assertThat(denied.status()).isEqualTo(429);
            assertThat(denied.problem()).isEqualTo("rate-limited");
            assertThat(Long.parseLong(denied.header("Retry-After"))).isPositive();
            assertThat(denied.header("RateLimit")).contains(";r=0;");
            assertThat(denied.text()).doesNotContain(rig.token());
            assertThat(rig.bare("GET", "/readyz").status()).isEqualTo(200);
            assertThat(rig.bare("GET", "/api/v1/info").status()).isEqualTo(401);
            assertThat(rig.get("/api/v1/redis/pool").status()).isEqualTo(200); // asks nothing of Redis
        }
    }

    @Test
    void isOffUnlessSet(Rig rig) {
        assertThat(rig.get("/api/v1/info").headers()).doesNotContainKey("ratelimit");
    }
}
