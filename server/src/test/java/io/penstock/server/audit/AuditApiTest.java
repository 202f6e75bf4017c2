package io.penstock.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The audit of a real server; other tests write into it at the same time. */
@ExtendWith(RigExtension.class)
final class AuditApiTest {
    /** Of its own: where others write or are refused by the hundred, one line stands for many. */
    private static Rig rig;

    @BeforeAll
    static void start(EmbeddedRedis redis) {
        rig = Rig.start(redis, flags -> {});
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static JsonNode items(String query) {
        Rig.Answer answer = rig.get("/api/v1/audit?limit=500&" + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().path("items");
    }

    @Test
    void tellsWhoDidWhatToWhat() {
        String queue = Rig.queue();
        String id = rig.enqueue(
                queue, "{\"type\":\"demo.echo\",\"delay\":\"1h\",\"payload\":{\"note\":\"not-in-the-audit\"}}");
        rig.send(
                "PATCH",
                "/api/v1/jobs/" + id,
                "{\"priority\":\"high\",\"payload\":{\"note\":\"not-in-the-audit\"}}",
                "X-Request-Id",
                "audit-test-1");
        rig.post("/api/v1/jobs/" + id + ":cancel", null);
        rig.post("/api/v1/jobs/" + id + ":cancel", null); // it is over: 409
        rig.post("/api/v1/queues/" + queue + ":purge", "{\"state\":\"cancelled\"}");
        rig.bare("DELETE", "/api/v1/queues/" + queue, "Authorization", "Bearer not-in-the-audit");
        rig.get("/api/v1/queues/" + queue);
        // the last to happen is the last to be written, but for the sums of a minute
        await().until(() -> items("object=" + queue + "&action=queues.delete").size() == 1);
        List<String> told = new ArrayList<>();
        JsonNode lines = items("object=" + queue);
        lines.forEach(line -> told.add(line.path("action").asText() + " "
                + line.path("object").asText() + " " + line.path("status").asText()));
        assertThat(told)
                .containsSubsequence(
                        "queues.delete " + queue + " 401",
                        "queues.purge " + queue + " 200",
                        "jobs.cancel " + id + " 409",
                        "jobs.cancel " + id + " 200",
                        "jobs.edit " + id + " 200");
        assertThat(lines.toString()).doesNotContain("not-in-the-audit");
        JsonNode edit = items("object=" + id + "&action=jobs.edit").path(0);
        assertThat(edit.path("requestId").asText()).isEqualTo("audit-test-1");
        assertThat(edit.path("role").asText()).isEqualTo("admin");
        assertThat(edit.path("peer").asText()).isEqualTo("127.0.0.1");
        assertThat(edit.at("/details/fields").asText()).contains("priority").contains("payload");
        JsonNode purge = items("object=" + queue + "&action=queues.purge").path(0);
        assertThat(purge.at("/details/removed").asText()).isEqualTo("1");
        assertThat(purge.at("/details/state").asText()).isEqualTo("cancelled");
        JsonNode refused = items("object=" + queue + "&action=queues.delete").path(0);
        assertThat(refused.path("caller").asText()).isEmpty();
        assertThat(refused.at("/details/problem").asText()).isEqualTo("unauthorized");
        String caller = edit.path("caller").asText();
        assertThat(items("object=" + queue + "&caller=" + caller)).hasSizeGreaterThanOrEqualTo(4);
        assertThat(items("object=" + queue + "&caller=nobody")).isEmpty();
        assertThat(items("object=" + queue + "&action=jobs")).hasSizeBetween(3, 4); // and what was enqueued, by number
    }

    @Test
    void tellsOfSignIns() {
        rig.bare("POST", "/api/v1/sessions", "{\"token\":\"not-the-token\"}", "X-Request-Id", "audit-sign-in-1");
        rig.bare("POST", "/api/v1/sessions", "{\"token\":\"" + rig.token() + "\"}", "X-Request-Id", "audit-sign-in-2");
        await().untilAsserted(() ->
                assertThat(items("action=session.open").toString()).contains("audit-sign-in-1", "audit-sign-in-2"));
        String all = items("action=session.open").toString();
        assertThat(all).doesNotContain("not-the-token").doesNotContain(rig.token());
        for (JsonNode line : items("action=session.open")) {
            if (line.path("requestId").asText().equals("audit-sign-in-1")) {
                assertThat(line.path("status").asInt()).isEqualTo(401);
            }
            if (line.path("requestId").asText().equals("audit-sign-in-2")) {
                assertThat(line.path("status").asInt()).isEqualTo(201);
                assertThat(line.at("/details/role").asText()).isEqualTo("admin");
            }
        }
    }

    @Test
    void walksBackInPagesAndBetweenMoments() {
        String queue = Rig.queue();
        for (int i = 0; i < 7; i++) {
            rig.send("PUT", "/api/v1/queues/" + queue, "{}");
        }
        await().untilAsserted(() -> assertThat(items("object=" + queue)).hasSize(7));
        List<String> ids = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page =
                    rig.get("/api/v1/audit?limit=2&object=" + queue + cursor).json();
            page.path("items").forEach(line -> ids.add(line.path("id").asText()));
            cursor = page.path("next").isNull()
                    ? ""
                    : "&cursor=" + page.path("next").asText();
        } while (!cursor.isEmpty());
        assertThat(ids).hasSize(7).doesNotHaveDuplicates().isSortedAccordingTo((one, other) -> newer(one, other));
        assertThat(items("object=" + queue + "&from=1h")).hasSize(7);
        assertThat(items("object=" + queue + "&to=1h")).isEmpty();
        assertThat(rig.get("/api/v1/audit?cursor=x").problem()).isEqualTo("invalid-value");
        assertThat(rig.get("/api/v1/audit?from=soon").problem()).isEqualTo("invalid-value");
        assertThat(rig.get("/api/v1/audit?from=1h&to=2h").problem()).isEqualTo("invalid-value");
    }

    private static int newer(String one, String other) {
        String[] a = one.split("-", -1);
        String[] b = other.split("-", -1);
        int millis = Long.compare(Long.parseLong(b[0]), Long.parseLong(a[0]));
        return millis != 0 ? millis : Long.compare(Long.parseLong(b[1]), Long.parseLong(a[1]));
    }
}
