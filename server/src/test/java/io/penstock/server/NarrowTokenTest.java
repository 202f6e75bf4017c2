package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.caller.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A token of some queues meets data of others: wherever a queue is named, in paths, bodies, ids and lists. */
@ExtendWith(RigExtension.class)
final class NarrowTokenTest {
    private static final String JOB = "{\"type\":\"nobody.does\",\"payload\":{}}";

    private final String own = Rig.queue() + ".own";
    private final String foreign = Rig.queue() + ".foreign";

    private static String naming(String queue) {
        return "{\"queue\":\"" + queue + "\",\"type\":\"nobody.does\",\"payload\":{}}";
    }

    private static List<String> texts(JsonNode items, String field) {
        List<String> texts = new ArrayList<>();
        items.forEach(item -> texts.add(item.path(field).asText()));
        return texts;
    }

    @Test
    void touchesItsOwnJobsOnly(Rig rig) {
        Keys keys = Keys.of(rig, Role.OPERATOR, own);
        String mine = keys.post("/api/v1/queues/" + own + "/jobs", JOB)
                .json()
                .path("id")
                .asText();
        String other = rig.enqueue(foreign, JOB);
        assertThat(keys.get("/api/v1/jobs/" + mine).status()).isEqualTo(200);
        for (String verb : List.of("", "/attempts", "/logs", "/progress", "/flow")) {
            assertThat(keys.get("/api/v1/jobs/" + other + verb).status())
                    .as(verb)
                    .isEqualTo(403);
        }
        for (String verb : List.of(":retry", ":promote", ":cancel", ":clone", "/signals/go")) {
            assertThat(keys.send("POST", "/api/v1/jobs/" + other + verb, verb.matches(":clone|/.*") ? "{}" : null)
                            .status())
                    .as(verb)
                    .isEqualTo(403);
        }
        assertThat(keys.send("DELETE", "/api/v1/jobs/" + other, null).status()).isEqualTo(403);
        assertThat(keys.send("PATCH", "/api/v1/jobs/" + other, "{}").status()).isEqualTo(403);
        assertThat(rig.job(other).path("state").asText()).isEqualTo("waiting");
        // whether it is there makes no difference
        assertThat(keys.get("/api/v1/jobs/" + foreign + "-zzzz").status()).isIn(403, 404);
    }

    @Test
    void listsNothingOfOthers(Rig rig) {
        rig.enqueue(own, JOB);
        rig.enqueue(foreign, JOB);
        Keys keys = Keys.of(rig, Role.VIEWER, own);
        assertThat(texts(keys.get("/api/v1/queues").json().path("items"), "name"))
                .containsExactly(own);
        assertThat(texts(keys.get("/api/v1/jobs?limit=500").json().path("items"), "queue"))
                .containsOnly(own);
        assertThat(keys.get("/api/v1/jobs?queue=" + foreign).problem()).isEqualTo("forbidden");
        assertThat(keys.get("/api/v1/dead/groups?queue=" + foreign).problem()).isEqualTo("forbidden");
        assertThat(keys.get("/api/v1/events?topics=queue:" + foreign).problem()).isEqualTo("forbidden");
        assertThat(keys.get("/api/v1/monitoring/series/queue." + foreign + ".waiting")
                        .problem())
                .isEqualTo("forbidden");
        await().untilAsserted(() -> {
            JsonNode overview = keys.get("/api/v1/overview").json();
            assertThat(overview.path("queues").asInt()).isEqualTo(1);
            assertThat(texts(overview.path("busiest"), "name")).containsExactly(own);
        });
        for (String path :
                List.of("overview", "workers", "dead/groups", "monitoring/series", "alerts", "info", "limits")) {
            assertThat(keys.get("/api/v1/" + path).text()).as(path).doesNotContain(foreign);
        }
        assertThat(keys.get("/metrics").problem()).isEqualTo("forbidden");
    }

    @Test
    void cancelsNoBatchThatReachesIntoOtherQueues(Rig rig) {
        String batch = rig.post("/api/v1/batches", "{\"name\":\"b\",\"queue\":\"" + own + "\"}")
                .json()
                .path("id")
                .asText();
        String path = "/api/v1/batches/" + batch;
        JsonNode ids = rig.post(path + "/jobs", "[" + naming(own) + "," + naming(foreign) + "]")
                .json()
                .path("ids");
        Keys keys = Keys.of(rig, Role.OPERATOR, own);

        Rig.Answer refused = keys.post(path + ":cancel", null);

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asText())
                .contains("2 queues, 1 of which is not this token's")
                .doesNotContain(foreign);
        for (JsonNode id : ids) {
            assertThat(rig.job(id.asText()).path("state").asText()).isEqualTo("waiting");
        }
        assertThat(Keys.of(rig, Role.OPERATOR, own, foreign)
                        .post(path + ":cancel", null)
                        .status())
                .isEqualTo(200);
        await().untilAsserted(() ->
                assertThat(rig.job(ids.get(1).asText()).path("state").asText()).isEqualTo("cancelled"));
    }

    @Test
    void addsToItsOwnQueuesOnly(Rig rig) {
        Keys keys = Keys.of(rig, Role.PRODUCER, own);
        assertThat(keys.post("/api/v1/queues/" + foreign + "/jobs", JOB).problem())
                .isEqualTo("forbidden");
        Rig.Answer batch = keys.post("/api/v1/jobs:batch", "[" + naming(own) + "," + naming(foreign) + "]");
        assertThat(batch.json().path("accepted").asInt()).isEqualTo(1);
        assertThat(batch.json().at("/errors/0/type").asText()).endsWith("/forbidden");
        assertThat(keys.post("/api/v1/jobs:batch", "[" + naming(foreign) + "]").problem())
                .isEqualTo("forbidden");
        String flow = "{\"name\":\"f\",\"jobs\":[{\"name\":\"a\",%s},{\"name\":\"b\",%s,\"needs\":[\"a\"]}]}";
        String mine = naming(own).substring(1).replaceFirst("}$", "");
        String others = naming(foreign).substring(1).replaceFirst("}$", "");
        assertThat(keys.post("/api/v1/flows", String.format(flow, mine, others)).problem())
                .isEqualTo("forbidden");
        Rig.Answer made = keys.post("/api/v1/flows", String.format(flow, mine, mine));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(keys.get("/api/v1/flows/" + made.json().path("id").asText()).status())
                .isEqualTo(200);
        assertThat(keys.post("/api/v1/batches", "{\"name\":\"b\",\"queue\":\"" + foreign + "\"}")
                        .problem())
                .isEqualTo("forbidden");
        assertThat(rig.get("/api/v1/queues/" + foreign).status()).isEqualTo(404); // not even made
    }

    @Test
    void leasesFromItsOwnQueuesOnly(Rig rig) {
        rig.enqueue(foreign, JOB);
        Keys keys = Keys.of(rig, Role.WORKER, own);
        String wish = "{\"queues\":[\"%s\"],\"worker\":\"w\"}";
        assertThat(keys.post("/api/v1/leases", String.format(wish, foreign)).problem())
                .isEqualTo("forbidden");
        assertThat(keys.post("/api/v1/leases", String.format(wish, own)).status())
                .isEqualTo(200);
        String lease = rig.post("/api/v1/leases", String.format(wish, foreign))
                .json()
                .path("token")
                .asText();
        assertThat(keys.post("/api/v1/leases/" + lease + ":extend", "{}").problem())
                .isEqualTo("lease-lost");
        assertThat(keys.post("/api/v1/leases/" + lease + ":ack", "{}").problem())
                .isEqualTo("lease-lost");
        assertThat(keys.post("/api/v1/workers/w:heartbeat", "{\"leases\":[\"" + lease + "\"]}")
                        .json()
                        .at("/leases/0/held")
                        .asBoolean())
                .isFalse();
        assertThat(rig.post("/api/v1/leases/" + lease + ":ack", "{}").status()).isEqualTo(200);
    }

    @Test
    void schedulesForItsOwnQueuesOnly(Rig rig) {
        Keys keys = Keys.of(rig, Role.OPERATOR, own);
        String id = "s." + own;
        String theirs = "s." + foreign;
        String every = "{\"every\":\"1h\",\"job\":%s}";
        assertThat(keys.send("PUT", "/api/v1/schedules/" + id, String.format(every, naming(foreign)))
                        .problem())
                .isEqualTo("forbidden");
        assertThat(keys.send("PUT", "/api/v1/schedules/" + id, String.format(every, naming(own)))
                        .status())
                .isEqualTo(201);
        assertThat(rig.send("PUT", "/api/v1/schedules/" + theirs, String.format(every, naming(foreign)))
                        .status())
                .isEqualTo(201);
        assertThat(texts(keys.get("/api/v1/schedules?limit=500").json().path("items"), "id"))
                .containsExactly(id);
        for (String verb : List.of(":pause", ":resume", ":run")) {
            assertThat(keys.send("POST", "/api/v1/schedules/" + theirs + verb, null)
                            .status())
                    .as(verb)
                    .isEqualTo(404);
        }
        assertThat(keys.send("PUT", "/api/v1/schedules/" + theirs, String.format(every, naming(own)))
                        .status())
                .isEqualTo(404);
        assertThat(keys.send("DELETE", "/api/v1/schedules/" + theirs, null).status())
                .isEqualTo(404);
        assertThat(keys.send("DELETE", "/api/v1/schedules/" + id, null).status())
                .isEqualTo(204);
        assertThat(rig.send("DELETE", "/api/v1/schedules/" + theirs, null).status())
                .isEqualTo(204);
    }
}
