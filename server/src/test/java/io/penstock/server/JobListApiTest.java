package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class JobListApiTest {
    private final String queue = Rig.queue();

    private Set<String> walk(Rig rig, String query, int limit) {
        Set<String> ids = new HashSet<>();
        String cursor = null;
        int pages = 0;
        do {
            JsonNode page = rig.get(
                            "/api/v1/jobs?" + query + "&limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor))
                    .json();
            assertThat(page.path("items").size()).isLessThanOrEqualTo(limit);
            // what runs is walked over by HSCAN, which may show a job twice while Redis resizes the hash
            page.path("items")
                    .forEach(job -> assertThat(ids.add(job.path("id").asText()) || query.contains("state=active"))
                            .isTrue());
            cursor = page.path("next").isNull() ? null : page.path("next").asText();
            assertThat(++pages).isLessThan(1_000);
        } while (cursor != null);
        return ids;
    }

    @Test
    void walksOverStatesWithoutMissingOrRepeating(Rig rig) {
        Set<String> all = new HashSet<>();
        Set<String> delayed = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            boolean later = i % 3 == 0;
            String id = rig.enqueue(
                    queue,
                    "{\"type\":\"t" + i % 2 + "\"" + (later ? ",\"delay\":\"1h\"" : "") + ",\"priority\":\""
                            + (i % 2 == 0 ? "low" : "high") + "\"}");
            all.add(id);
            if (later) {
                delayed.add(id);
            }
        }
        assertThat(walk(rig, "queue=" + queue, 7)).isEqualTo(all);
        assertThat(walk(rig, "queue=" + queue + "&state=delayed", 3)).isEqualTo(delayed);
        assertThat(walk(rig, "queue=" + queue + "&type=t1", 4)).hasSize(15);
        assertThat(walk(rig, "queue=" + queue, 500)).isEqualTo(all);
    }

    @Test
    void neverShowsMoreThanAskedForAlsoWhereRedisGivesMore(Rig rig) {
        for (int i = 0; i < 9; i++) {
            rig.enqueue(queue, "{\"type\":\"x.y\"}");
        }
        JsonNode lease = rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w\",\"max\":9}")
                .json();
        assertThat(lease.path("jobs")).hasSize(9);
        assertThat(walk(rig, "queue=" + queue + "&state=active", 4)).hasSize(9);
    }

    @Test
    void leavesLargePayloadsOut(Rig rig) {
        rig.enqueue(queue, "{\"type\":\"x.y\",\"payload\":\"" + "x".repeat(5_000) + "\"}");
        JsonNode job = rig.get("/api/v1/jobs?queue=" + queue).json().at("/items/0");
        assertThat(job.path("payload").isNull()).isTrue();
        assertThat(job.path("payloadBytes").asInt()).isEqualTo(5_002);
    }

    @Test
    void clampsTheLimitAndRefusesTheRest(Rig rig) {
        assertThat(rig.get("/api/v1/jobs?limit=99999999999").status()).isEqualTo(200);
        assertThat(rig.get("/api/v1/jobs?limit=-5&queue=" + queue).status()).isEqualTo(200);
        assertThat(rig.get("/api/v1/jobs?limit=x").problem()).isEqualTo("invalid-value");
        assertThat(rig.get("/api/v1/jobs?state=done").text()).contains("use waiting, delayed, active");
        assertThat(rig.get("/api/v1/jobs?queue=a%2Fb").problem()).isEqualTo("invalid-value");
        for (String cursor : new String[] {"x", "", "AAAA", "cQp3YWl0aW5nCjA", "cQp3YWl0aW5nCi0x", "%00"}) {
            assertThat(rig.get("/api/v1/jobs?queue=" + queue + "&cursor=" + cursor)
                            .status())
                    .as(cursor)
                    .isEqualTo(400);
        }
        String foreign = java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((queue + "\nwaiting\n0\nnonsense").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        assertThat(rig.get("/api/v1/jobs?queue=" + queue + "&cursor=" + foreign).status())
                .isEqualTo(400);
        assertThat(rig.get("/api/v1/jobs?queue=never.was").json().path("items")).isEmpty();
    }
}
