package io.penstock.server.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
final class LeaseApiTest {
    private final String queue = Rig.queue();

    private JsonNode lease(Rig rig, String rest) {
        Rig.Answer answer =
                rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"py-1\"" + rest + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private String token(JsonNode lease) {
        assertThat(lease.path("jobs")).isNotEmpty();
        return "/api/v1/leases/" + lease.path("token").asText();
    }

    private String job(Rig rig, String rest) {
        return rig.enqueue(queue, "{\"type\":\"py.work\"" + rest + "}");
    }

    @Test
    void lendsAJobAndTakesItsResult(Rig rig) {
        String id = job(rig, ",\"payload\":{\"x\":1.50},\"metadata\":{\"a\":\"b\"},\"timeout\":\"5s\"");
        JsonNode lease = lease(rig, "");
        JsonNode job = lease.at("/jobs/0");
        assertThat(job.path("id").asText()).isEqualTo(id);
        assertThat(job.path("payload").toString()).isEqualTo("{\"x\":1.50}".replace("1.50", "1.5"));
        assertThat(job.path("attempt").asInt()).isEqualTo(1);
        assertThat(job.path("maxAttempts").asInt()).isEqualTo(5);
        assertThat(job.path("timeout").asText()).isEqualTo("5s");
        assertThat(job.at("/metadata/a").asText()).isEqualTo("b");
        assertThat(job.path("fencingToken").asText()).isNotEmpty();
        assertThat(lease.path("leaseMillis").asInt()).isEqualTo(30_000);
        assertThat(rig.job(id).path("state").asText()).isEqualTo("active");
        assertThat(rig.get("/api/v1/workers?limit=500").text()).contains("\"name\":\"py-1\"");
        JsonNode done = rig.post(token(lease) + ":ack", "{\"jobs\":[{\"id\":\"" + id + "\",\"result\":{\"ok\":true}}]}")
                .json();
        assertThat(done.path("applied").asInt()).isEqualTo(1);
        assertThat(rig.job(id).path("state").asText()).isEqualTo("completed");
        assertThat(rig.job(id).at("/result/ok").asBoolean()).isTrue();
    }

    @Test
    void refusesALateAnswer(Rig rig) {
        String id = job(rig, "");
        String token = token(lease(rig, ""));
        assertThat(rig.post(token + ":ack", null).status()).isEqualTo(200);
        Rig.Answer late = rig.post(token + ":ack", null);
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.problem()).isEqualTo("lease-lost");
        assertThat(rig.post(token + ":nack", null).status()).isEqualTo(409);
        assertThat(rig.post(token + ":extend", null).status()).isEqualTo(409);
        assertThat(rig.post("/api/v1/leases/never-given:ack", null).problem()).isEqualTo("lease-lost");
        assertThat(rig.job(id).path("state").asText()).isEqualTo("completed");
    }

    @Test
    void givesTheJobsOfASilentWorkerToOthersAndFencesIt(Rig rig) {
        String id = job(rig, "");
        String silent = token(lease(rig, ",\"leaseMillis\":1000"));
        // the reclaimer looks every few seconds
        JsonNode second = await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> lease(rig, ",\"waitMillis\":1000"),
                        lease -> !lease.path("jobs").isEmpty());
        assertThat(second.at("/jobs/0/id").asText()).isEqualTo(id);
        assertThat(second.at("/jobs/0/deliveries").asInt()).isEqualTo(2);
        assertThat(rig.post(silent + ":ack", "{\"result\":1}").status()).isEqualTo(409);
        assertThat(rig.job(id).path("state").asText()).isEqualTo("active");
        assertThat(rig.post(token(second) + ":ack", "{\"result\":2}").status()).isEqualTo(200);
        assertThat(rig.job(id).path("result").asInt()).isEqualTo(2);
    }

    @Test
    void keepsALeaseAliveThatIsExtended(Rig rig) {
        job(rig, "");
        String token = token(lease(rig, ",\"leaseMillis\":1500"));
        Instant until = Instant.now().plusSeconds(3);
        await().pollInterval(Duration.ofMillis(400)).until(() -> {
            JsonNode renewed =
                    rig.post(token + ":extend", "{\"leaseMillis\":1500}").json();
            assertThat(renewed.path("held").asBoolean()).isTrue();
            assertThat(renewed.path("leaseMillis").asInt()).isEqualTo(1_500);
            return Instant.now().isAfter(until);
        });
        assertThat(rig.post(token + ":ack", null).json().path("applied").asInt())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"outcome\":\"retry\",\"retryAfter\":\"1h\",\"error\":{\"type\":\"E\",\"message\":\"no\"}}|delayed|1",
                "{\"error\":{\"message\":\"no\"}}|delayed|1",
                "{\"outcome\":\"fail\",\"error\":{\"message\":\"no\"}}|failed|1",
                "{\"outcome\":\"snooze\",\"retryAfter\":\"1h\"}|delayed|0",
                "{\"outcome\":\"cancel\"}|cancelled|",
                "{\"outcome\":\"release\"}|waiting|0"
            })
    void takesEveryWayThatAJobCanEnd(String said, String state, Integer attempts, Rig rig) {
        String id = job(rig, ",\"backoff\":{\"type\":\"fixed\",\"delay\":\"1h\"}");
        assertThat(rig.post(token(lease(rig, "")) + ":nack", said)
                        .json()
                        .path("applied")
                        .asInt())
                .isEqualTo(1);
        JsonNode job = rig.job(id);
        assertThat(job.path("state").asText()).isEqualTo(state);
        if (attempts != null) {
            assertThat(job.path("attempt").asInt()).isEqualTo(attempts);
        }
    }

    @Test
    void makesADeadLetterOfTheLastAttempt(Rig rig) {
        String id = job(rig, ",\"maxAttempts\":1");
        rig.post(
                token(lease(rig, "")) + ":nack",
                "{\"error\":{\"type\":\"KeyError\",\"message\":\"x\",\"stack\":\"line 1\"}}");
        JsonNode job = rig.job(id);
        assertThat(job.path("state").asText()).isEqualTo("failed");
        assertThat(job.at("/error/type").asText()).isEqualTo("KeyError");
        assertThat(job.at("/error/stack").asText()).isEqualTo("line 1");
    }

    @Test
    void answersForSomeJobsOfALease(Rig rig) {
        String first = job(rig, "");
        String second = job(rig, "");
        JsonNode lease = lease(rig, ",\"max\":10");
        assertThat(lease.path("jobs")).hasSize(2);
        String token = token(lease);
        assertThat(rig.post(token + ":ack", "{\"jobs\":[{\"id\":\"" + first + "\"}]}")
                        .json()
                        .path("applied")
                        .asInt())
                .isEqualTo(1);
        Rig.Answer twice = rig.post(token + ":ack", "{\"jobs\":[{\"id\":\"" + first + "\"}]}");
        assertThat(twice.status()).isEqualTo(400);
        assertThat(twice.text()).contains("not held by this lease");
        assertThat(rig.post(token + ":nack", "{\"jobs\":[{\"id\":\"" + second + "\",\"outcome\":\"fail\"}]}")
                        .status())
                .isEqualTo(200);
        assertThat(rig.job(second).path("state").asText()).isEqualTo("failed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{}|/queues",
                "{\"queues\":[],\"worker\":\"w\"}|/queues",
                "{\"queues\":[\"a b\"],\"worker\":\"w\"}|/queues",
                "{\"queues\":[\"q\"]}|/worker",
                "{\"queues\":[\"q\"],\"worker\":\"a b\"}|/worker",
                "{\"queues\":[\"q\"],\"worker\":\"w\",\"max\":\"1\"}|/max",
                "{\"queues\":[\"q\"],\"worker\":\"w\",\"wait\":1}|/wait"
            })
    void refusesAWishThatIsNotLegal(String body, String pointer, Rig rig) {
        Rig.Answer answer = rig.post("/api/v1/leases", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/pointer").asText()).isEqualTo(pointer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "ack|{\"outcome\":\"fail\"}|unknown-field",
                "ack|{\"jobs\":[{\"result\":1}]}|invalid-value",
                "ack|{\"jobs\":[]}|invalid-value",
                "ack|{\"jobs\":[{\"id\":\"nonsense\"}]}|invalid-value",
                "ack|{\"jobs\":[],\"result\":1}|unknown-field",
                "nack|{\"outcome\":\"explode\"}|invalid-value",
                "nack|{\"result\":1}|unknown-field"
            })
    void refusesAnAnswerThatIsNotLegalAndKeepsTheLease(String verb, String body, String problem, Rig rig) {
        job(rig, "");
        String token = token(lease(rig, ""));
        assertThat(rig.post(token + ":" + verb, body).problem()).isEqualTo(problem);
        assertThat(rig.post(token + ":ack", null).status()).isEqualTo(200);
    }

    @Test
    void refusesALargeResult(Rig rig) {
        job(rig, "");
        String token = token(lease(rig, ""));
        assertThat(rig.post(token + ":ack", "{\"result\":\"" + "x".repeat(65 << 10) + "\"}")
                        .status())
                .isEqualTo(413);
        assertThat(rig.post(token + ":ack", null).status()).isEqualTo(200);
    }

    @Test
    void waitsForTheFirstJob(Rig rig) {
        rig.send("PUT", "/api/v1/queues/" + queue, "{}");
        CompletableFuture<JsonNode> poll = CompletableFuture.supplyAsync(() -> lease(rig, ",\"waitMillis\":10000"));
        await().until(() -> rig.get("/metrics").text().matches("(?s).*penstock_leases_polls [1-9].*"));
        Instant begin = Instant.now();
        String id = job(rig, "");
        assertThat(poll.join().at("/jobs/0/id").asText()).isEqualTo(id);
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void givesAPermitThatComesBackToAPollThatWaitsForIt(Rig rig) {
        String limit = ",\"limit\":{\"key\":\"m\",\"permits\":1}";
        String first = job(rig, limit);
        String second = job(rig, limit);
        JsonNode lease = lease(rig, "");
        assertThat(lease.at("/jobs/0/id").asText()).isEqualTo(first);
        CompletableFuture<JsonNode> poll = CompletableFuture.supplyAsync(() -> lease(rig, ",\"waitMillis\":55000"));
        await().until(() -> rig.get("/metrics").text().matches("(?s).*penstock_leases_polls [1-9].*"));
        rig.post(token(lease) + ":ack", null);
        assertThat(poll.join().at("/jobs/0/id").asText()).isEqualTo(second);
    }

    @Test
    void answersWithNothingWhenTheWaitIsOver(Rig rig) {
        Instant begin = Instant.now();
        JsonNode lease = lease(rig, ",\"waitMillis\":500");
        assertThat(lease.path("token").isNull()).isTrue();
        assertThat(lease.path("jobs")).isEmpty();
        assertThat(Duration.between(begin, Instant.now())).isBetween(Duration.ofMillis(450), Duration.ofSeconds(4));
    }

    @Test
    void servesManyPollsOneJobEach(Rig rig) {
        rig.send("PUT", "/api/v1/queues/" + queue, "{}");
        List<CompletableFuture<JsonNode>> polls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            polls.add(CompletableFuture.supplyAsync(() -> lease(rig, ",\"waitMillis\":15000")));
        }
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            batch.append("{\"queue\":\"").append(queue).append("\",\"type\":\"py.work\"}\n");
        }
        rig.send("POST", "/api/v1/jobs:batch", batch.toString(), "Content-Type", "application/x-ndjson");
        List<String> ids = polls.stream()
                .map(poll -> poll.join().at("/jobs/0/id").asText())
                .toList();
        assertThat(ids).doesNotHaveDuplicates().doesNotContain("");
    }

    @Test
    void takesFromTheFirstQueueThatHasSomething(Rig rig) {
        String other = Rig.queue();
        rig.enqueue(other, "{\"type\":\"py.work\"}");
        Rig.Answer answer =
                rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\",\"" + other + "\"],\"worker\":\"w\"}");
        assertThat(answer.json().at("/jobs/0/queue").asText()).isEqualTo(other);
    }

    @Test
    void tellsAWorkerWhatToStop(Rig rig) {
        String id = job(rig, "");
        String token = token(lease(rig, ""));
        rig.post("/api/v1/jobs/" + id + ":cancel", null);
        JsonNode renewed = rig.post(token + ":extend", null).json();
        assertThat(renewed.path("cancelRequested").toString()).isEqualTo("[\"" + id + "\"]");
        rig.post(token + ":nack", "{\"outcome\":\"cancel\"}");
        assertThat(rig.job(id).path("state").asText()).isEqualTo("cancelled");
    }

    @Test
    void extendsByHeartbeatOnlyWhatItNames(Rig rig) {
        job(rig, "");
        String lease = lease(rig, "").path("token").asText();
        JsonNode beat = rig.post(
                        "/api/v1/workers/py-1:heartbeat",
                        "{\"leases\":[\"" + lease + "\",\"gone\"],\"leaseMillis\":60000}")
                .json();
        assertThat(beat.at("/leases/0/held").asBoolean()).isTrue();
        assertThat(beat.at("/leases/0/leaseMillis").asInt()).isEqualTo(60_000);
        assertThat(beat.at("/leases/1/held").asBoolean()).isFalse();
        assertThat(rig.post("/api/v1/workers/py-1:heartbeat", null).json().path("leases"))
                .isEmpty();
        assertThat(rig.post("/api/v1/workers/a%20b:heartbeat", null).status()).isEqualTo(400);
    }

    @Test
    void handsOutAJobThatMayBePoisonByItself(Rig rig) {
        String poison = job(rig, ",\"priority\":\"critical\"");
        for (int crash = 0; crash < 2; crash++) {
            JsonNode held = await().atMost(Duration.ofSeconds(20))
                    .until(
                            () -> lease(rig, ",\"leaseMillis\":1000,\"waitMillis\":1000"),
                            lease -> !lease.path("jobs").isEmpty());
            assertThat(held.at("/jobs/0/id").asText()).isEqualTo(poison);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> rig.job(poison).path("state").asText().equals("waiting"));
        String other = job(rig, "");
        JsonNode alone = lease(rig, ",\"max\":10");
        assertThat(alone.path("jobs")).hasSize(1);
        assertThat(alone.at("/jobs/0/id").asText()).isEqualTo(poison);
        JsonNode rest = await().until(
                        () -> lease(rig, ",\"max\":10"),
                        lease -> !lease.path("jobs").isEmpty());
        assertThat(rest.at("/jobs/0/id").asText()).isEqualTo(other);
        rig.post(token(alone) + ":ack", null);
        rig.post(token(rest) + ":ack", null);
    }
}
