package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
final class JobApiTest {
    private final String queue = Rig.queue();
    private final String jobs = "/api/v1/queues/" + queue + "/jobs";

    @Test
    void takesAJobRunsItAndShowsWhatCameOfIt(Rig rig) {
        Rig.Answer receipt =
                rig.post(jobs, "{\"type\":\"demo.echo\",\"payload\":{\"n\":1.10,\"big\":12345678901234567890}}");
        assertThat(receipt.status()).isEqualTo(201);
        String id = receipt.json().path("id").asText();
        assertThat(receipt.header("Location")).isEqualTo("/api/v1/jobs/" + id);
        assertThat(receipt.text()).contains("\"state\":\"waiting\"").contains("\"duplicate\":false");
        await().until(() -> rig.job(id).path("state").asText().equals("completed"));
        Rig.Answer shown = rig.get("/api/v1/jobs/" + id);
        // byte for byte as it was sent: no number loses a digit on the way
        assertThat(shown.text()).contains("\"payload\":{\"n\":1.10,\"big\":12345678901234567890}");
        JsonNode job = shown.json();
        assertThat(job.path("queue").asText()).isEqualTo(queue);
        assertThat(job.path("attempt").asInt()).isEqualTo(1);
        assertThat(job.path("result").path("big").asText()).isEqualTo("12345678901234567890");
        assertThat(Instant.parse(job.path("createdAt").asText()))
                .isBeforeOrEqualTo(Instant.parse(job.path("finishedAt").asText()));
    }

    @Test
    void keepsEveryOptionOfAJob(Rig rig) {
        String id = rig.enqueue(queue, """
                {"type":"mail.send","payload":[1,2],"delay":"1h","priority":"high","maxAttempts":7,
                 "backoff":{"type":"fixed","delay":"2s","maxDelay":"1m","jitter":0.5},"timeout":"PT30S",
                 "unique":{"key":"u 1","ttl":"10m"},"group":"acme","memoryBytes":1048576,
                 "retain":{"completed":"1h","failed":"7d"},"metadata":{"by":"me \u00fc"}}""");
        JsonNode job = rig.job(id);
        assertThat(job.path("state").asText()).isEqualTo("delayed");
        assertThat(job.path("priority").asText()).isEqualTo("high");
        assertThat(job.path("maxAttempts").asInt()).isEqualTo(7);
        assertThat(job.path("backoff").toString())
                .isEqualTo("{\"type\":\"fixed\",\"delay\":\"2s\",\"maxDelay\":\"1m\",\"jitter\":0.5}");
        assertThat(job.path("timeout").asText()).isEqualTo("30s");
        assertThat(job.path("unique").path("mode").asText()).isEqualTo("throttle");
        assertThat(job.path("group").asText()).isEqualTo("acme");
        assertThat(job.path("retain").path("failed").asText()).isEqualTo("7d");
        assertThat(job.path("metadata").path("by").asText()).isEqualTo("me \u00fc");
        assertThat(Instant.parse(job.path("runAt").asText()))
                .isAfter(Instant.parse(job.path("createdAt").asText()));
    }

    @Test
    void tellsADuplicateFromTheFirst(Rig rig) {
        String body = "{\"type\":\"mail.send\",\"delay\":\"1h\",\"unique\":{\"key\":\"k\"}}";
        String first = rig.enqueue(queue, body);
        Rig.Answer second = rig.post(jobs, body);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json().path("id").asText()).isEqualTo(first);
        assertThat(second.json().path("duplicate").asBoolean()).isTrue();
        assertThat(second.json().path("state").asText()).isEqualTo("delayed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{}|invalid-value|/type|type is missing",
                "{\"type\":5}|invalid-value|/type|not a string",
                "{\"type\":\"a b\"}|invalid-value|/type|not legal",
                "{\"type\":\"x\",\"prioritty\":\"low\"}|unknown-field|/prioritty|did you mean \\\"priority\\\"?",
                "{\"type\":\"x\",\"priority\":\"urgent\"}|invalid-value|/priority|critical, high, normal or low",
                "{\"type\":\"x\",\"delay\":\"soon\"}|invalid-value|/delay|PT30S",
                "{\"type\":\"x\",\"delay\":\"400d\"}|invalid-value|/delay|outside",
                "{\"type\":\"x\",\"runAt\":\"now\"}|invalid-value|/runAt|RFC 3339",
                "{\"type\":\"x\",\"runAt\":\"2030-01-01T00:00:00Z\",\"delay\":\"1s\"}|invalid-value|/runAt|one of them",
                "{\"type\":\"x\",\"maxAttempts\":0}|invalid-value|/maxAttempts|1 to 1000",
                "{\"type\":\"x\",\"backoff\":{\"type\":\"slow\",\"delay\":\"1s\"}}|invalid-value|/backoff/type|fixed, linear or exponential",
                "{\"type\":\"x\",\"backoff\":{\"type\":\"fixed\"}}|invalid-value|/backoff/delay|missing",
                "{\"type\":\"x\",\"backoff\":{\"type\":\"fixed\",\"delay\":\"1s\",\"jitter\":2}}|invalid-value|/backoff/jitter|0.0 to 1.0",
                "{\"type\":\"x\",\"backoff\":{\"kind\":\"fixed\"}}|unknown-field|/backoff/kind|use",
                "{\"type\":\"x\",\"timeout\":\"2d\"}|invalid-value|/timeout|outside",
                "{\"type\":\"x\",\"unique\":{\"key\":\"\"}}|invalid-value|/unique/key|1 to 256",
                "{\"type\":\"x\",\"unique\":{\"key\":\"k\",\"mode\":\"never\"}}|invalid-value|/unique/key|keep-last",
                "{\"type\":\"x\",\"group\":\"a/b\"}|invalid-value|/group|not legal",
                "{\"type\":\"x\",\"memoryBytes\":-1}|invalid-value|/memoryBytes|whole number",
                "{\"type\":\"x\",\"retain\":{\"completed\":\"1h\"}}|invalid-value|/retain|send both",
                "{\"type\":\"x\",\"metadata\":{\"a\":1}}|invalid-value|/metadata/a|not a string",
                "{\"type\":\"x\",\"type\":\"y\"}|malformed-json|/type|twice",
                "[]|malformed-json||not a JSON object",
                "{\"type\":|malformed-json||not JSON"
            })
    void refusesWhatItDoesNotKnowAndPointsAtIt(String body, String problem, String pointer, String words, Rig rig) {
        Rig.Answer answer = rig.post(jobs, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.problem()).isEqualTo(problem);
        assertThat(answer.json().at("/errors/0/pointer").asText()).isEqualTo(pointer == null ? "" : pointer);
        assertThat(answer.text()).contains(words);
        assertThat(answer.json().path("requestId").asText()).isEqualTo(answer.header("X-Request-Id"));
        assertThat(rig.get("/api/v1/queues/" + queue).status()).isEqualTo(404);
    }

    @Test
    void refusesALargePayloadAndABadQueue(Rig rig) {
        String large = "\"" + "x".repeat(256 << 10) + "\"";
        Rig.Answer answer = rig.post(jobs, "{\"type\":\"x.y\",\"payload\":" + large + "}");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.problem()).isEqualTo("too-large");
        assertThat(answer.header("Retry-After")).isEmpty();
        assertThat(rig.post("/api/v1/queues/a%20b/jobs", "{\"type\":\"x\"}").status())
                .isEqualTo(400);
        assertThat(rig.post("/api/v1/queues/%7Bx%7D/jobs", "{\"type\":\"x\"}").status())
                .isEqualTo(400);
    }

    @Test
    void editsAJobThatHasNotBegun(Rig rig) {
        String id = rig.enqueue(queue, "{\"type\":\"mail.send\",\"delay\":\"1h\",\"payload\":{\"a\":1}}");
        String tag = rig.get("/api/v1/jobs/" + id).header("ETag");
        Rig.Answer edited = rig.send(
                "PATCH", "/api/v1/jobs/" + id, "{\"payload\":{\"a\":2},\"priority\":\"low\"}", "If-Match", tag);
        assertThat(edited.status()).isEqualTo(200);
        assertThat(edited.json().at("/payload/a").asInt()).isEqualTo(2);
        assertThat(edited.json().path("priority").asText()).isEqualTo("low");
        assertThat(edited.header("ETag")).isNotEqualTo(tag);
        Rig.Answer stale = rig.send("PATCH", "/api/v1/jobs/" + id, "{\"payload\":3}", "If-Match", tag);
        assertThat(stale.status()).isEqualTo(412);
        assertThat(stale.problem()).isEqualTo("precondition-failed");
        assertThat(rig.send("PATCH", "/api/v1/jobs/" + id, "{\"payload\":3}", "If-Match", "*")
                        .status())
                .isEqualTo(200);
        assertThat(rig.send("PATCH", "/api/v1/jobs/" + id, "{\"state\":\"completed\"}")
                        .problem())
                .isEqualTo("unknown-field");
        assertThat(rig.send("PATCH", "/api/v1/jobs/" + id, "{\"delay\":\"0s\"}")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("waiting");
    }

    @Test
    void movesAJobThroughItsStates(Rig rig) {
        String id = rig.enqueue(queue, "{\"type\":\"mail.send\",\"delay\":\"1h\"}");
        assertThat(rig.post("/api/v1/jobs/" + id + ":promote", null)
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("waiting");
        assertThat(rig.post("/api/v1/jobs/" + id + ":cancel", "{}")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("cancelled");
        Rig.Answer conflict = rig.post("/api/v1/jobs/" + id + ":promote", null);
        assertThat(conflict.status()).isEqualTo(409);
        assertThat(conflict.text()).contains("is cancelled and was not promoted");
        assertThat(rig.post("/api/v1/jobs/" + id + ":retry", null)
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("waiting");
        assertThat(rig.send("DELETE", "/api/v1/jobs/" + id, null).status()).isEqualTo(204);
        assertThat(rig.get("/api/v1/jobs/" + id).status()).isEqualTo(404);
        assertThat(rig.post("/api/v1/jobs/" + id + ":retry", null).problem()).isEqualTo("not-found");
    }

    @Test
    void clonesAJobWithoutItsKeyAndDelay(Rig rig) {
        String id = rig.enqueue(
                queue,
                "{\"type\":\"mail.send\",\"delay\":\"1h\",\"unique\":{\"key\":\"k\"},\"payload\":{\"a\":1},\"maxAttempts\":3}");
        Rig.Answer plain = rig.post("/api/v1/jobs/" + id + ":clone", null);
        assertThat(plain.status()).isEqualTo(201);
        JsonNode copy = rig.job(plain.json().path("id").asText());
        assertThat(copy.path("state").asText()).isEqualTo("waiting");
        assertThat(copy.at("/payload/a").asInt()).isEqualTo(1);
        assertThat(copy.path("maxAttempts").asInt()).isEqualTo(3);
        assertThat(copy.has("unique")).isFalse();
        Rig.Answer changed = rig.post(
                "/api/v1/jobs/" + id + ":clone", "{\"payload\":{\"a\":2},\"delay\":\"1h\",\"priority\":\"low\"}");
        assertThat(rig.job(changed.json().path("id").asText()).at("/payload/a").asInt())
                .isEqualTo(2);
        assertThat(changed.json().path("state").asText()).isEqualTo("delayed");
    }

    @Test
    void showsAttemptsLogsAndTheErrorOfADeadLetter(Rig rig) {
        String id = rig.enqueue(
                queue,
                "{\"type\":\"demo.fail\",\"payload\":{\"message\":\"no <b>such</b> order 7\"},\"maxAttempts\":2,\"backoff\":{\"type\":\"fixed\",\"delay\":\"10ms\"}}");
        await().until(() -> rig.job(id).path("state").asText().equals("failed"));
        JsonNode job = rig.job(id);
        assertThat(job.at("/error/message").asText()).isEqualTo("no <b>such</b> order 7");
        assertThat(job.at("/error/stack").asText()).contains("DemoFail");
        assertThat(job.at("/error/fingerprint").asText()).matches("[0-9a-f]{12}");
        JsonNode attempts = rig.get("/api/v1/jobs/" + id + "/attempts").json().path("items");
        assertThat(attempts).hasSize(2);
        assertThat(attempts.get(0).path("number").asInt()).isEqualTo(1);
        assertThat(rig.get("/api/v1/jobs/" + id + "/logs").text())
                .contains("attempt 1")
                .contains("attempt 2");
        assertThat(rig.get("/api/v1/jobs/" + queue + "-zzz/logs").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"nonsense", "default-", "-100", "default-XYZ", "'a b-100'", "default-100000000000000000000"})
    void findsNoJobUnderWhatIsNoId(String id, Rig rig) {
        Rig.Answer answer = rig.get("/api/v1/jobs/" + id.replace(" ", "%20"));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.problem()).isEqualTo("not-found");
    }

    @Test
    void asksARunningJobToStop(Rig rig) {
        String id = rig.enqueue(queue, "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":60000}}");
        await().until(() -> rig.job(id).path("state").asText().equals("active"));
        assertThat(rig.send("DELETE", "/api/v1/jobs/" + id, null).status()).isEqualTo(409);
        assertThat(rig.post("/api/v1/jobs/" + id + ":cancel", null).status()).isEqualTo(200);
        await().until(() -> rig.job(id).path("state").asText().equals("cancelled"));
    }
}
