package io.penstock.server.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class OperationApiTest {
    private final String queue = Rig.queue();

    private static JsonNode begin(Rig rig, String body) {
        Rig.Answer answer = rig.post("/api/v1/operations", body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        String id = answer.json().path("id").asText();
        assertThat(answer.header("Location")).isEqualTo("/api/v1/operations/" + id);
        return answer.json();
    }

    private static JsonNode ended(Rig rig, JsonNode begun) {
        String path = "/api/v1/operations/" + begun.path("id").asText();
        await().until(() -> !rig.get(path).json().path("finishedAt").isNull());
        return rig.get(path).json();
    }

    private static JsonNode done(Rig rig, String body) {
        return ended(rig, begin(rig, body));
    }

    private String filter(String action, String more) {
        return "{\"action\":\"" + action + "\",\"filter\":{\"queue\":\"" + queue + "\"" + more + "}}";
    }

    private int count(Rig rig, String state) {
        return rig.get("/api/v1/queues/" + queue).json().at("/counts/" + state).asInt();
    }

    /** The demo worker would put jobs off that it has no handler for. */
    private void pause(Rig rig) {
        assertThat(rig.send("POST", "/api/v1/queues/" + queue + ":pause", null).status())
                .isEqualTo(200);
    }

    private List<String> waiting(Rig rig, int jobs) {
        pause(rig);
        String one = "{\"queue\":\"" + queue + "\",\"type\":\"nobody.does\"}";
        String all = String.join(",", java.util.Collections.nCopies(jobs, one));
        Rig.Answer answer = rig.post("/api/v1/jobs:batch", "[" + all + "]");
        List<String> ids = new ArrayList<>();
        answer.json().path("ids").forEach(id -> ids.add(id.asText()));
        assertThat(ids).hasSize(jobs);
        return ids;
    }

    private void dead(Rig rig, int jobs) {
        for (int i = 0; i < jobs; i++) {
            rig.enqueue(
                    queue, "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"m" + i % 2 + "x\"}}");
        }
        await().until(() -> count(rig, "failed") == jobs);
    }

    @Test
    void requeuesCompletedJobsAsCopiesAndFailedOnesAsTheyAre(Rig rig) {
        for (int i = 0; i < 60; i++) {
            rig.enqueue(queue, "{\"type\":\"demo.echo\",\"payload\":{\"n\":" + i + "},\"metadata\":{\"k\":\"v\"}}");
        }
        await().until(() -> count(rig, "completed") == 60);
        assertThat(rig.post("/api/v1/operations", filter("requeue", "")).problem())
                .isEqualTo("invalid-value");
        JsonNode operation = done(rig, filter("requeue", ",\"state\":\"completed\",\"type\":\"demo.*\""));
        assertThat(operation.path("done").asInt()).as(operation.toString()).isEqualTo(60);
        await().until(() -> count(rig, "completed") == 120); // the copies are not copied: they came later
        dead(rig, 3);
        JsonNode anew = done(rig, filter("requeue", ",\"state\":\"failed\""));
        assertThat(anew.path("done").asInt()).as(anew.toString()).isEqualTo(3);
        await().until(() -> count(rig, "failed") == 3);
        assertThat(count(rig, "completed")).isEqualTo(120);
    }

    @Test
    void requeuesOneJob(Rig rig) {
        String id = rig.enqueue(queue, "{\"type\":\"demo.echo\",\"payload\":{\"n\":7}}");
        await().until(() -> count(rig, "completed") == 1);
        Rig.Answer copied = rig.post("/api/v1/jobs/" + id + ":requeue", null);
        assertThat(copied.status()).isEqualTo(201);
        assertThat(copied.json().path("id").asText()).isNotEqualTo(id);
        await().until(() -> count(rig, "completed") == 2);
        assertThat(rig.job(copied.json().path("id").asText()).at("/result/n").asInt())
                .isEqualTo(7);
        pause(rig);
        String waits = rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        assertThat(rig.post("/api/v1/jobs/" + waits + ":requeue", null).problem())
                .isEqualTo("conflict");
        rig.post("/api/v1/jobs/" + waits + ":cancel", null);
        Rig.Answer anew = rig.post("/api/v1/jobs/" + waits + ":requeue", null);
        assertThat(anew.status()).isEqualTo(200);
        assertThat(anew.json().path("state").asText()).isEqualTo("waiting");
    }

    @Test
    void cancelsEveryJobThatFitsAndNoOther(Rig rig) {
        waiting(rig, 1_200);
        String other = rig.enqueue(queue, "{\"type\":\"other\"}");
        JsonNode operation = done(rig, filter("cancel", ",\"type\":\"nobody.*\""));
        assertThat(operation.path("state").asText()).isEqualTo("completed");
        assertThat(operation.path("done").asInt()).isEqualTo(1_200);
        assertThat(operation.path("failed").asInt()).isZero();
        assertThat(operation.path("progress").asDouble()).isEqualTo(1);
        assertThat(operation.at("/filter/queue").asText()).isEqualTo(queue);
        assertThat(count(rig, "cancelled")).isEqualTo(1_200);
        assertThat(rig.job(other).path("state").asText()).isEqualTo("waiting");
        // they were cancelled within some milliseconds, so many share their place in the order
        JsonNode deleted = done(rig, filter("delete", ",\"state\":[\"cancelled\"]"));
        assertThat(deleted.path("done").asInt()).isEqualTo(1_200);
        assertThat(count(rig, "cancelled")).isZero();
        assertThat(count(rig, "waiting")).isEqualTo(1);
    }

    @Test
    void retriesDeadLettersOnceAlthoughTheyDieAgain(Rig rig) {
        dead(rig, 6);
        String print = rig.get("/api/v1/dead/groups?queue=" + queue)
                .json()
                .at("/items/0/fingerprint")
                .asText();
        JsonNode operation = done(rig, filter("retry", ",\"error\":\"" + print + "\""));
        assertThat(operation.path("done").asInt()).isEqualTo(6);
        assertThat(operation.at("/filter/state/0").asText()).isEqualTo("failed");
        await().until(() -> count(rig, "failed") == 6);
    }

    @Test
    void countsInADryRunAndTouchesNothing(Rig rig) {
        waiting(rig, 30);
        Rig.Answer counted =
                rig.post("/api/v1/operations", filter("cancel", "").replaceFirst("}$", ",\"dryRun\":true}"));
        assertThat(counted.status()).as(counted.text()).isEqualTo(200);
        assertThat(counted.json().path("matched").asInt()).isEqualTo(30);
        assertThat(counted.json().path("sample")).hasSize(20);
        assertThat(counted.json().path("complete").asBoolean()).isTrue();
        JsonNode looked = rig.post(
                        "/api/v1/operations",
                        filter("cancel", ",\"type\":\"nobody.does\"").replaceFirst("}$", ",\"dryRun\":true}"))
                .json();
        assertThat(looked.path("matched").asInt()).isEqualTo(30);
        assertThat(looked.path("scanned").asInt()).isGreaterThanOrEqualTo(30);
        assertThat(count(rig, "waiting")).isEqualTo(30);
    }

    @Test
    void takesIdsAndSaysOfEachWhyNot(Rig rig) {
        List<String> ids = waiting(rig, 3);
        String late = rig.enqueue(queue, "{\"type\":\"x.y\",\"delay\":\"1h\"}");
        String gone = queue + "-vvvvv";
        JsonNode operation = done(
                rig,
                "{\"action\":\"promote\",\"ids\":[\"" + ids.get(0) + "\",\"" + late + "\",\"" + late + "\",\"" + gone
                        + "\"]}");
        assertThat(operation.path("ids").asInt()).isEqualTo(3); // named twice is named once
        assertThat(operation.path("done").asInt()).isEqualTo(1);
        assertThat(operation.path("skipped").asInt()).isEqualTo(1);
        assertThat(operation.at("/skips/0/id").asText()).isEqualTo(ids.get(0));
        assertThat(operation.path("failed").asInt()).isEqualTo(1);
        assertThat(operation.at("/failures/0/id").asText()).isEqualTo(gone);
        assertThat(operation.at("/failures/0/reason").asText()).contains("no such job");
        assertThat(rig.job(late).path("state").asText()).isEqualTo("waiting");
        assertThat(done(rig, "{\"action\":\"cancel\",\"ids\":[" + quoted(ids) + "]}")
                        .path("done")
                        .asInt())
                .isEqualTo(3);
    }

    private static String quoted(List<String> ids) {
        return ids.stream().map(id -> '"' + id + '"').collect(Collectors.joining(","));
    }

    @Test
    void leavesFlowsWhole(Rig rig) {
        pause(rig);
        String first = "{\"name\":\"a\",\"type\":\"nobody.does\",\"queue\":\"" + queue + "\"}";
        String second = first.replace("\"a\"", "\"b\"").replaceFirst("}$", ",\"needs\":[\"a\"]}");
        Rig.Answer submitted = rig.post("/api/v1/flows", "{\"name\":\"f\",\"jobs\":[" + first + "," + second + "]}");
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(201);
        String flow = submitted.json().path("id").asText();
        await().until(() -> count(rig, "blocked") == 1 && count(rig, "waiting") == 1);
        JsonNode deleted = done(rig, filter("delete", ",\"state\":\"waiting,blocked\""));
        assertThat(deleted.path("done").asInt()).isZero();
        assertThat(deleted.path("failed").asInt()).isEqualTo(2);
        assertThat(deleted.at("/failures/0/reason").asText()).contains(flow);
        JsonNode promoted = done(rig, filter("promote", ",\"state\":\"blocked\""));
        assertThat(promoted.at("/failures/0/reason").asText()).contains("waits for other jobs of its flow");
        assertThat(count(rig, "blocked")).isEqualTo(1);
    }

    @Test
    void stopsWithinABatchWhenCancelled(Rig rig) {
        waiting(rig, 5_000);
        waiting(rig, 5_000);
        JsonNode begun = begin(rig, filter("cancel", ""));
        String path = "/api/v1/operations/" + begun.path("id").asText();
        Rig.Answer answer = rig.send("POST", path + ":cancel", null);
        assertThat(answer.status()).isEqualTo(200);
        JsonNode ended = ended(rig, begun);
        assertThat(ended.path("state").asText()).isIn("cancelled", "completed");
        if (ended.path("state").asText().equals("cancelled")) { // else it was quicker than we
            assertThat(count(rig, "cancelled")).isEqualTo(ended.path("done").asInt());
            assertThat(ended.path("done").asInt()).isLessThan(10_000);
        }
        assertThat(rig.send("POST", path + ":cancel", null).json().path("state").asText())
                .isEqualTo(ended.path("state").asText());
    }

    @Test
    void doesAKeyOnceAndListsTheNewestFirst(Rig rig) {
        pause(rig);
        String body = filter("cancel", "");
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        JsonNode one = rig.send("POST", "/api/v1/operations", body, "Idempotency-Key", queue)
                .json();
        JsonNode again = rig.send("POST", "/api/v1/operations", body, "Idempotency-Key", queue)
                .json();
        assertThat(again.path("id")).isEqualTo(one.path("id"));
        JsonNode list = rig.get("/api/v1/operations?limit=500").json().path("items");
        assertThat(list.findValuesAsText("id")).contains(one.path("id").asText());
        assertThat(list.findValuesAsText("createdAt"))
                .isSortedAccordingTo((a, b) -> java.time.Instant.parse(b).compareTo(java.time.Instant.parse(a)));
        assertThat(ended(rig, one).path("by").asText()).isNotEmpty();
    }

    @Test
    void refusesWhatMakesNoSense(Rig rig) {
        for (String body : new String[] {
            "{}",
            "{\"action\":\"explode\",\"filter\":{}}",
            "{\"action\":\"retry\"}",
            "{\"action\":\"retry\",\"filter\":{},\"ids\":[\"a-100\"]}",
            "{\"action\":\"retry\",\"ids\":[]}",
            "{\"action\":\"retry\",\"ids\":[\"nonsense\"]}",
            "{\"action\":\"retry\",\"filter\":{\"state\":\"waiting\"}}",
            "{\"action\":\"delete\",\"filter\":{\"queue\":\"q\"}}",
            "{\"action\":\"retry\",\"filter\":{\"stat\":\"failed\"}}",
            "{\"action\":\"retry\",\"filter\":{\"q\":\"stat:failed\"}}",
            "{\"action\":\"retry\",\"filter\":{\"olderThan\":\"soon\"}}"
        }) {
            assertThat(rig.post("/api/v1/operations", body).status()).as(body).isEqualTo(400);
        }
        assertThat(rig.post("/api/v1/operations", "{\"action\":\"retri\",\"filter\":{}}")
                        .text())
                .contains("did you mean \\\"retry\\\"?");
        assertThat(rig.get("/api/v1/operations/op-none").status()).isEqualTo(404);
        assertThat(rig.send("POST", "/api/v1/operations/op-none:cancel", null).status())
                .isEqualTo(404);
    }

    @Test
    void goesOnWhereAnotherServerStopped(EmbeddedRedis redis) {
        JsonNode begun;
        try (Rig first = Rig.start(redis, flags -> {})) {
            waiting(first, 5_000);
            waiting(first, 5_000);
            begun = begin(first, filter("cancel", ""));
        }
        try (Rig second = Rig.start(redis, flags -> {})) {
            JsonNode ended = ended(second, begun);
            assertThat(ended.path("state").asText()).isEqualTo("completed");
            assertThat(count(second, "waiting")).isZero();
            assertThat(count(second, "cancelled")).isEqualTo(10_000);
        }
    }
}
