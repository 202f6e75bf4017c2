package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
final class QueueApiTest {
    private final String queue = Rig.queue();
    private final String path = "/api/v1/queues/" + queue;

    @Test
    void doesNotKnowAQueueThatNeverWas(Rig rig) {
        assertThat(rig.get(path).status()).isEqualTo(404);
        assertThat(rig.get(path + "/stats").status()).isEqualTo(404);
        assertThat(rig.send("PATCH", path, "{}").status()).isEqualTo(404);
        assertThat(rig.send("DELETE", path, null).status()).isEqualTo(404);
        assertThat(rig.post(path + ":purge", null).status()).isEqualTo(404);
    }

    @Test
    void showsCountsAndTotals(Rig rig) {
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        rig.enqueue(queue, "{\"type\":\"x.y\",\"delay\":\"1h\"}");
        JsonNode shown = rig.get(path).json();
        assertThat(shown.path("name").asText()).isEqualTo(queue);
        assertThat(shown.path("status").asText()).isEqualTo("active");
        assertThat(shown.at("/counts/waiting").asInt()).isEqualTo(1);
        assertThat(shown.at("/counts/delayed").asInt()).isEqualTo(1);
        assertThat(shown.path("bytes").asInt()).isPositive();
        JsonNode stats = rig.get(path + "/stats").json();
        assertThat(stats.path("addedTotal").asInt()).isEqualTo(2);
        assertThat(rig.get("/api/v1/queues?limit=500").text()).contains("\"" + queue + "\"");
    }

    @Test
    void pagesByName(Rig rig) {
        rig.send("PUT", path, "{}");
        String other = Rig.queue();
        rig.send("PUT", "/api/v1/queues/" + other, "{}");
        JsonNode first = rig.get("/api/v1/queues?limit=1").json();
        assertThat(first.path("items")).hasSize(1);
        JsonNode second = rig.get(
                        "/api/v1/queues?limit=1&cursor=" + first.path("next").asText())
                .json();
        assertThat(second.at("/items/0/name").asText())
                .isGreaterThan(first.at("/items/0/name").asText());
    }

    @Test
    void pausesDrainsAndResumes(Rig rig) {
        assertThat(rig.post(path + ":pause", null).json().path("status").asText())
                .isEqualTo("paused");
        String id = rig.enqueue(queue, "{\"type\":\"demo.echo\"}");
        assertThat(rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w\"}")
                        .json()
                        .path("jobs"))
                .isEmpty();
        assertThat(rig.post(path + ":resume", null).json().path("status").asText())
                .isEqualTo("active");
        await().until(() -> rig.job(id).path("state").asText().equals("completed"));
        assertThat(rig.post(path + ":drain", null).json().path("status").asText())
                .isEqualTo("draining");
        Rig.Answer refused = rig.post(path + "/jobs", "{\"type\":\"demo.echo\"}");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("queue-draining");
        assertThat(refused.header("Retry-After")).isNotEmpty();
        rig.post(path + ":resume", null);
        rig.enqueue(queue, "{\"type\":\"demo.echo\"}");
    }

    @Test
    void setsAllOrSomeSettings(Rig rig) {
        Rig.Answer put = rig.send("PUT", path, "{\"maxJobs\":10,\"completed\":{\"age\":\"2h\",\"count\":5}}");
        assertThat(put.json().at("/settings/maxJobs").asInt()).isEqualTo(10);
        assertThat(put.json().at("/settings/completed/age").asText()).isEqualTo("2h");
        assertThat(put.json().at("/settings/completed/bytes").asInt()).isPositive();
        Rig.Answer patched =
                rig.send("PATCH", path, "{\"aging\":\"30s\"}", "Content-Type", "application/merge-patch+json");
        assertThat(patched.json().at("/settings/maxJobs").asInt()).isEqualTo(10);
        assertThat(patched.json().at("/settings/aging").asText()).isEqualTo("30s");
        assertThat(rig.send("PUT", path, "{}").json().at("/settings/maxJobs").asInt())
                .isZero();
    }

    @Test
    void protectsSettingsThatOthersChanged(Rig rig) {
        String tag = rig.send("PUT", path, "{\"maxJobs\":1}").header("ETag");
        assertThat(rig.send("PATCH", path, "{\"maxJobs\":2}", "If-Match", tag).status())
                .isEqualTo(200);
        Rig.Answer stale = rig.send("PATCH", path, "{\"maxJobs\":3}", "If-Match", tag);
        assertThat(stale.status()).isEqualTo(412);
        assertThat(rig.get(path).json().at("/settings/maxJobs").asInt()).isEqualTo(2);
        assertThat(rig.send(
                                "PATCH",
                                path,
                                "{\"maxJobs\":3}",
                                "If-Match",
                                "\"x\", " + rig.get(path).header("ETag"))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"maxJob\":1}|unknown-field",
                "{\"maxJobs\":-1}|invalid-value",
                "{\"maxPayloadBytes\":1}|invalid-value",
                "{\"completed\":{\"age\":\"500d\"}}|invalid-value",
                "{\"completed\":{\"ages\":\"5d\"}}|unknown-field",
                "{\"aging\":\"0s\"}|invalid-value",
                "[]|malformed-json"
            })
    void refusesSettingsThatAreNotLegal(String body, String problem, Rig rig) {
        Rig.Answer answer = rig.send("PUT", path, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(rig.get(path).status()).isEqualTo(404);
    }

    @Test
    void holdsProducersToTheLimit(Rig rig) {
        rig.send("PUT", path, "{\"maxJobs\":1}");
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        Rig.Answer full = rig.post(path + "/jobs", "{\"type\":\"x.y\"}");
        assertThat(full.status()).isEqualTo(429);
        assertThat(full.problem()).isEqualTo("queue-full");
        assertThat(full.header("Retry-After")).matches("[1-9]\\d*");
        assertThat(full.json().path("retryAfter").asText()).isEqualTo(full.header("Retry-After"));
    }

    @Test
    void purgesOneState(Rig rig) {
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        rig.enqueue(queue, "{\"type\":\"x.y\",\"delay\":\"1h\"}");
        assertThat(rig.post(path + ":purge", null).json().path("removed").asInt())
                .isEqualTo(1);
        assertThat(rig.get(path).json().at("/counts/delayed").asInt()).isEqualTo(1);
        assertThat(rig.post(path + ":purge", "{\"state\":\"delayed\"}")
                        .json()
                        .path("removed")
                        .asInt())
                .isEqualTo(1);
        assertThat(rig.post(path + ":purge", "{\"state\":\"active\"}").problem())
                .isEqualTo("invalid-value");
        assertThat(rig.post(path + ":purge", "{\"state\":\"done\"}").text()).contains("use waiting");
    }

    @Test
    void deletesAQueueUnlessSomebodyWorksOnIt(Rig rig) {
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        JsonNode lease = rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w\"}")
                .json();
        assertThat(lease.path("jobs")).hasSize(1);
        Rig.Answer held = rig.send("DELETE", path, null);
        assertThat(held.status()).isEqualTo(409);
        assertThat(rig.send("DELETE", path + "?force=maybe", null).problem()).isEqualTo("invalid-value");
        assertThat(rig.send("DELETE", path + "?force=true", null).status()).isEqualTo(204);
        assertThat(rig.get(path).status()).isEqualTo(404);
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        assertThat(rig.get(path).json().at("/counts/waiting").asInt()).isEqualTo(1);
        // an idle lease of this server's own does not stand in the way
        rig.post(path + ":purge", null);
        rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w\"}");
        assertThat(rig.send("DELETE", path, null).status()).isEqualTo(204);
    }
}
