package io.penstock.server.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class SearchApiTest {
    private final String queue = Rig.queue();

    private static JsonNode page(Rig rig, String q, String more) {
        return rig.get("/api/v1/jobs?q=" + URLEncoder.encode(q, StandardCharsets.UTF_8) + more)
                .json();
    }

    /** All pages: how much one page looks at is a matter of time. */
    private static Set<String> find(Rig rig, String q) {
        Set<String> ids = new HashSet<>();
        String more = "&limit=3";
        for (int pages = 0; pages < 1_000; pages++) {
            JsonNode page = page(rig, q, more);
            page.path("items").forEach(job -> ids.add(job.path("id").asText()));
            assertThat(page.path("complete").asBoolean())
                    .isEqualTo(page.path("next").isNull());
            if (page.path("complete").asBoolean()) {
                return ids;
            }
            more = "&limit=3&cursor=" + page.path("next").asText();
        }
        throw new AssertionError("no end: " + ids);
    }

    @Test
    void findsByWhatIsKnownOfAJob(Rig rig) {
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null); // else the demo worker puts them off
        String plain = rig.enqueue(queue, "{\"type\":\"mail.send\"}");
        String late = rig.enqueue(queue, "{\"type\":\"mail.drop\",\"delay\":\"1h\"}");
        String grouped = rig.enqueue(queue, "{\"type\":\"sms.send\",\"group\":\"acme\"}");
        String unique = rig.enqueue(queue, "{\"type\":\"sms.send\",\"unique\":{\"key\":\"order 7\",\"ttl\":\"1h\"}}");
        String in = " queue:" + queue;
        assertThat(find(rig, "id:" + plain)).containsExactly(plain);
        assertThat(find(rig, plain)).containsExactly(plain);
        assertThat(find(rig, "type:mail.send" + in)).containsExactly(plain);
        assertThat(find(rig, "type:mail.*" + in)).containsExactlyInAnyOrder(plain, late);
        assertThat(find(rig, "MAIL" + in)).containsExactlyInAnyOrder(plain, late);
        assertThat(find(rig, "state:delayed" + in)).containsExactly(late);
        assertThat(find(rig, "state:delayed,waiting sms" + in)).containsExactlyInAnyOrder(grouped, unique);
        assertThat(find(rig, "group:acme" + in)).containsExactly(grouped);
        assertThat(find(rig, "key:\"order 7\"" + in)).containsExactly(unique);
        assertThat(find(rig, "key:\"order 7\" state:delayed" + in)).isEmpty();
        assertThat(find(rig, "id:" + plain + " state:delayed")).isEmpty();
        assertThat(find(rig, "type:nothing" + in)).isEmpty();
        assertThat(find(rig, "queue:" + queue + "*")).containsExactlyInAnyOrder(plain, late, grouped, unique);
    }

    /** Jobs that were cancelled leave their places in the line: pages behind them show each job once all the same. */
    @Test
    void showsEachJobOnceBehindPlacesOfCancelledOnes(Rig rig) {
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null);
        List<String> left = new ArrayList<>();
        StringBuilder gone = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            String id = rig.enqueue(queue, "{\"type\":\"x.y\"}");
            if (i < 40 || i % 3 > 0) {
                gone.append(gone.isEmpty() ? "" : ",").append('"').append(id).append('"');
            } else {
                left.add(id);
            }
        }
        rig.post("/api/v1/operations", "{\"action\":\"cancel\",\"ids\":[" + gone + "]}");
        String counts = "/api/v1/queues/" + queue;
        await().until(() -> rig.get(counts).json().at("/counts/waiting").asInt() == left.size());
        List<String> shown = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = rig.get("/api/v1/jobs?state=waiting&limit=7&queue=" + queue + cursor)
                    .json();
            page.path("items").forEach(job -> shown.add(job.path("id").asText()));
            cursor = page.path("next").isNull()
                    ? ""
                    : "&cursor=" + page.path("next").asText();
        } while (!cursor.isEmpty());
        assertThat(shown).containsExactlyElementsOf(left);
    }

    @Test
    void findsDeadLettersByTheirError(Rig rig) {
        for (int i = 0; i < 4; i++) {
            String message = i < 3 ? "order " + i + " not found" : "late";
            rig.enqueue(
                    queue, "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"" + message + "\"}}");
        }
        await().until(() ->
                rig.get("/api/v1/queues/" + queue).json().at("/counts/failed").asInt() == 4);
        JsonNode group = rig.get("/api/v1/dead/groups?queue=" + queue).json().at("/items/0");
        assertThat(group.path("count").asInt()).isEqualTo(3);
        assertThat(find(
                        rig,
                        "queue:" + queue + " error:" + group.path("fingerprint").asText()))
                .hasSize(3);
        assertThat(find(rig, "queue:" + queue + " error:\"NOT found\"")).hasSize(3);
        assertThat(find(rig, "queue:" + queue + " error:" + group.path("type").asText()))
                .hasSize(4);
        assertThat(find(rig, "queue:" + queue + " error:late state:waiting")).isEmpty();
    }

    @Test
    void looksPastJobsWithLargePayloads(Rig rig) {
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null); // else the demo worker puts them off
        String large = "\"" + "x".repeat(100_000) + "\"";
        for (int i = 0; i < 12; i++) {
            rig.enqueue(queue, "{\"type\":\"big\",\"payload\":" + large + "}");
        }
        String last = rig.enqueue(queue, "{\"type\":\"small\"}");
        assertThat(find(rig, "type:small queue:" + queue)).containsExactly(last);
        assertThat(find(rig, "type:big queue:" + queue)).hasSize(12);
    }

    @Test
    void refusesWhatItDoesNotUnderstand(Rig rig) {
        assertThat(rig.get("/api/v1/jobs?q=typ:x").status()).isEqualTo(400);
        assertThat(rig.get("/api/v1/jobs?q=typ:x").json().path("detail").asText())
                .contains("did you mean \"type\"?");
        assertThat(rig.get("/api/v1/jobs?q=queue:a&queue=b").status()).isEqualTo(400);
        assertThat(rig.get("/api/v1/jobs?q=%22").problem()).isEqualTo("invalid-value");
    }

    @Test
    void saysHowFarItHasLooked(Rig rig) {
        rig.send("POST", "/api/v1/queues/" + queue + ":pause", null); // else the demo worker puts them off
        for (int i = 0; i < 5; i++) {
            rig.enqueue(queue, "{\"type\":\"x.y\"}");
        }
        JsonNode first = page(rig, "type:x.y queue:" + queue, "&limit=2");
        assertThat(first.path("items")).hasSize(2);
        assertThat(first.path("scanned").asInt()).isEqualTo(2);
        assertThat(first.path("complete").asBoolean()).isFalse();
        JsonNode rest = page(
                rig, "type:x.y queue:" + queue, "&cursor=" + first.path("next").asText());
        assertThat(rest.path("items")).hasSize(3);
        assertThat(rest.path("complete").asBoolean()).isTrue();
    }
}
