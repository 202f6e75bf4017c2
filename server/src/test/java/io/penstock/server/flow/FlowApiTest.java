package io.penstock.server.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class FlowApiTest {
    private final String queue = Rig.queue();
    private final String other = Rig.queue();

    private String job(String name, String where, String type, String rest) {
        return "{\"name\":\"" + name + "\",\"queue\":\"" + where + "\",\"type\":\"" + type + "\"" + rest + "}";
    }

    private String submit(Rig rig, String... jobs) {
        Rig.Answer answer =
                rig.post("/api/v1/flows", "{\"name\":\"report\",\"jobs\":[" + String.join(",", jobs) + "]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        String id = answer.json().path("id").asText();
        assertThat(answer.header("Location")).isEqualTo("/api/v1/flows/" + id);
        return id;
    }

    private static JsonNode awaitState(Rig rig, String path, String state) {
        await().until(() -> rig.get(path).json().path("state").asText().equals(state));
        return rig.get(path).json();
    }

    @Test
    void runsAFlowOverTwoQueuesAndShowsItsGraph(Rig rig) {
        String id = submit(
                rig,
                job("render", queue, "demo.echo", ",\"needs\":[\"fetch\"]"),
                job("fetch", other, "demo.echo", ",\"payload\":{\"n\":1}"));
        JsonNode done = awaitState(rig, "/api/v1/flows/" + id, "completed");
        assertThat(done.path("completed").asInt()).isEqualTo(2);
        assertThat(done.at("/nodes/0/name").asText()).isEqualTo("fetch");
        assertThat(done.at("/nodes/1/needs/0").asText()).isEqualTo("fetch");
        String job = done.at("/nodes/1/id").asText();
        assertThat(rig.get("/api/v1/jobs/" + job + "/flow").json().path("id").asText())
                .isEqualTo(id);
    }

    @Test
    void listsTheNewestFirstPageByPage(Rig rig) {
        String flow = submit(rig, job("only", queue, "demo.echo", ""));
        String batch = rig.post("/api/v1/batches", "{\"name\":\"letters\",\"queue\":\"" + queue + "\"}")
                .json()
                .path("id")
                .asText();
        await().untilAsserted(() -> {
            JsonNode page = rig.get("/api/v1/flows?limit=500").json();
            int first = index(page, batch);
            assertThat(first).isNotNegative().isLessThan(index(page, flow));
            assertThat(page.at("/items/" + first + "/kind").asText()).isEqualTo("batch");
            assertThat(page.at("/items/" + index(page, flow) + "/state").asText())
                    .isEqualTo("completed");
        });
        JsonNode next = rig.get("/api/v1/flows?limit=500&cursor=" + batch).json();
        assertThat(index(next, flow)).isNotNegative();
        assertThat(index(next, batch)).isNegative();
        assertThat(rig.get("/api/v1/flows?cursor=no").status()).isEqualTo(400);
    }

    private static int index(JsonNode page, String id) {
        for (int i = 0; i < page.path("items").size(); i++) {
            if (page.at("/items/" + i + "/id").asText().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void failsAndRunsAgain(Rig rig) {
        String id = submit(
                rig,
                job("fetch", queue, "demo.fail", ",\"maxAttempts\":1,\"payload\":{\"times\":1}"),
                job("render", queue, "demo.echo", ",\"needs\":[\"fetch\"]"));
        JsonNode failed = awaitState(rig, "/api/v1/flows/" + id, "failed");
        assertThat(failed.at("/nodes/1/state").asText()).isEqualTo("cancelled");
        assertThat(rig.post("/api/v1/flows/" + id + ":retry?job=nobody", null).status())
                .isEqualTo(400);
        assertThat(rig.post("/api/v1/flows/" + id + ":retry", null)
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("running");
    }

    @Test
    void cancelsWhatHasNotRun(Rig rig) {
        String id = submit(
                rig,
                job("sleep", queue, "demo.echo", ",\"delay\":\"1h\""),
                job("after", queue, "demo.echo", ",\"needs\":[\"sleep\"]"));
        assertThat(rig.get("/api/v1/queues/" + queue)
                        .json()
                        .at("/counts/blocked")
                        .asInt())
                .isEqualTo(1);
        rig.post("/api/v1/flows/" + id + ":cancel", null);
        awaitState(rig, "/api/v1/flows/" + id, "cancelled");
    }

    @Test
    void refusesWhatIsNoFlow(Rig rig) {
        String ring = "{\"name\":\"x\",\"jobs\":[" + job("a", queue, "t", ",\"needs\":[\"b\"]") + ","
                + job("b", queue, "t", ",\"needs\":[\"a\"]") + "]}";
        assertThat(rig.post("/api/v1/flows", ring).status()).isEqualTo(400);
        assertThat(rig.post("/api/v1/flows", ring).text()).contains("in a ring");
        String unique = "{\"name\":\"x\",\"jobs\":[" + job("a", queue, "t", ",\"unique\":{\"key\":\"k\"}") + "]}";
        assertThat(rig.post("/api/v1/flows", unique).text()).contains("unique key");
        assertThat(rig.post("/api/v1/flows", "{\"name\":\"x\",\"jobs\":[]}").status())
                .isEqualTo(400);
        assertThat(rig.post("/api/v1/flows", "{\"name\":\"x\",\"job\":[]}").problem())
                .isEqualTo("unknown-field");
        assertThat(rig.get("/api/v1/flows/" + queue + "-f000000000000").status())
                .isEqualTo(404);
        assertThat(rig.get("/api/v1/flows/nothing").status()).isEqualTo(404);
        assertThat(rig.get("/api/v1/batches/" + queue + "-b000000000000").status())
                .isEqualTo(404);
        String plain = rig.enqueue(queue, "{\"type\":\"demo.echo\"}");
        assertThat(rig.get("/api/v1/jobs/" + plain + "/flow").status()).isEqualTo(404);
    }

    @Test
    void fillsAndSealsABatch(Rig rig) {
        Rig.Answer opened = rig.post(
                "/api/v1/batches",
                "{\"name\":\"import\",\"queue\":\"" + queue + "\",\"onSuccess\":{\"queue\":\"" + other
                        + "\",\"type\":\"demo.echo\"}}");
        assertThat(opened.status()).as(opened.text()).isEqualTo(201);
        String path = "/api/v1/batches/" + opened.json().path("id").asText();
        String two = "[{\"queue\":\"" + queue + "\",\"type\":\"demo.echo\"},{\"queue\":\"" + other
                + "\",\"type\":\"demo.echo\"}]";
        Rig.Answer added = rig.post(path + "/jobs", two);
        assertThat(added.json().path("accepted").asInt()).as(added.text()).isEqualTo(2);
        await().until(() -> rig.get(path).json().path("completed").asInt() == 2);
        assertThat(rig.get(path).json().path("state").asText()).isEqualTo("open");
        rig.post(path + ":seal", null);
        awaitState(rig, path, "completed");
        await().until(() -> rig.get("/api/v1/queues/" + other)
                        .json()
                        .at("/counts/completed")
                        .asInt()
                == 2);
        assertThat(rig.post(path + "/jobs", two).status()).isEqualTo(409);
    }
}
