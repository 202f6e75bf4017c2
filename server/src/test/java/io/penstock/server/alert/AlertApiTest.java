package io.penstock.server.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RigExtension.class)
final class AlertApiTest {
    private static final String RULES = "/api/v1/alert-rules/";
    private static final String ALERTS = "/api/v1/alerts";
    private static final AtomicInteger NAMES = new AtomicInteger();

    /** Holds always: no level is below the least. */
    private static final String ALWAYS =
            "{\"metric\":\"memory.level\",\"operator\":\">=\",\"threshold\":0,\"severity\":\"info\",\"cooldown\":\"0s\"}";

    private final String rule = "test-" + NAMES.incrementAndGet();

    private JsonNode status(Rig rig) {
        return rig.get(RULES + rule).json().at("/status/metrics/0");
    }

    private String firing(Rig rig) {
        assertThat(rig.send("PUT", RULES + rule, ALWAYS).status()).isEqualTo(201);
        await().until(() -> status(rig).path("state").asText().equals("firing"));
        await().until(() -> rig.get(ALERTS + "?severity=info").text().contains(rule));
        return status(rig).path("alert").asText();
    }

    @Test
    void makesReadsChangesAndDeletesARule(Rig rig) {
        Rig.Answer made = rig.send(
                "PUT",
                RULES + rule,
                "{\"metric\":\"queue.*.oldest.millis\",\"operator\":\">\",\"threshold\":1000,\"hysteresis\":0.25,"
                        + "\"for\":\"2m\",\"tags\":{\"team\":\"ops\"},\"channels\":[\"mail\"],\"absent\":\"resolve\"}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        JsonNode json = made.json();
        assertThat(json.path("origin").asText()).isEqualTo("own");
        assertThat(json.path("clear").asInt()).isEqualTo(750);
        assertThat(json.path("for").asText()).isEqualTo("2m");
        assertThat(json.path("cooldown").asText()).isEqualTo("10m");
        assertThat(json.at("/tags/team").asText()).isEqualTo("ops");
        assertThat(json.at("/status/metrics").isArray()).isTrue();

        String tag = made.header("ETag");
        String other = "{\"metric\":\"queue.*.waiting\",\"operator\":\">\",\"threshold\":7}";
        assertThat(rig.send("PUT", RULES + rule, other, "If-Match", "\"no\"").status())
                .isEqualTo(412);
        assertThat(rig.send("DELETE", RULES + rule, null, "If-Match", "\"no\"").status())
                .isEqualTo(412);
        Rig.Answer changed = rig.send("PUT", RULES + rule, other, "If-Match", tag);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag"))
                .isNotEqualTo(tag)
                .isEqualTo(rig.get(RULES + rule).header("ETag"));
        JsonNode first = rig.get("/api/v1/alert-rules?limit=1").json();
        assertThat(first.path("next").asText())
                .isEqualTo(first.at("/items/0/id").asText());
        assertThat(rig.get("/api/v1/alert-rules").text()).contains("\"id\":\"" + rule + "\"");
        assertThat(rig.send("DELETE", RULES + rule, null, "If-Match", changed.header("ETag"))
                        .status())
                .isEqualTo(204);
        assertThat(rig.get(RULES + rule).status()).isEqualTo(404);
        assertThat(rig.send("DELETE", RULES + rule, null).status()).isEqualTo(404);
        assertThat(rig.send("PUT", RULES + rule, other, "If-Match", tag).status())
                .as("it is gone")
                .isEqualTo(412);
    }

    @Test
    void marksStandardRulesAndTakesChangesBack(Rig rig) {
        String path = RULES + "pool-waiting";
        assertThat(rig.get(path).json().path("origin").asText()).isEqualTo("standard");
        assertThat(rig.send("DELETE", path, null).status()).isEqualTo(409);
        assertThat(rig.send("DELETE", path, null).text()).contains("set enabled to false");
        JsonNode off = rig.send(
                        "PUT",
                        path,
                        "{\"metric\":\"redis.pool.waiting\",\"operator\":\">\",\"threshold\":5,\"enabled\":false}")
                .json();
        assertThat(off.path("origin").asText()).isEqualTo("changed");
        assertThat(off.at("/status/metrics/0/reason").asText()).isEqualTo("the rule is disabled");
        assertThat(rig.send("DELETE", path, null).status()).isEqualTo(204);
        assertThat(rig.get(path).json().path("origin").asText()).isEqualTo("standard");
        assertThat(rig.get(path).json().path("threshold").asInt()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|metric is missing",
                "{\"metric\":\"a\"}|operator is missing",
                "{\"metric\":\"a\",\"operator\":\"=>\",\"threshold\":1}|one of > >= < <= == !=",
                "{\"metric\":\"a\",\"operator\":\">\"}|threshold is missing",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1e16}|-1.0E15 to 1.0E15",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":\"1\"}|is not a number",
                "{\"metric\":\"queue.*\",\"operator\":\">\",\"threshold\":1}|queue.*.oldest.millis for every queue",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"for\":\"25h\"}|PT0S to PT24H",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"for\":\"soon\"}|write 250ms",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"cooldown\":\"8d\"}|PT168H",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"mostPerHour\":61}|1 to 60",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"severity\":\"eror\"}|did you mean \\\"error\\\"",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"absent\":\"no\"}|ignore, fire, resolve",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"clear\":2}|at most the threshold",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"clear\":0,\"hysteresis\":0.1}|send one of them",
                "{\"metric\":\"a\",\"operator\":\"==\",\"threshold\":1,\"hysteresis\":0.1}|no line to come back over",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"channels\":[\"a b\"]}|channel name",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"tags\":{\"t\":1}}|is not a string",
                "{\"metric\":\"a\",\"operator\":\">\",\"threshold\":1,\"treshold\":1}|did you mean",
                "[]|object"
            })
    void refusesWhatIsNotLegalAndNamesWhatIs(String body, String legal, Rig rig) {
        Rig.Answer refused = rig.send("PUT", RULES + rule, body);
        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(refused.text()).contains(legal);
        assertThat(rig.get(RULES + rule).status()).isEqualTo(404);
    }

    @Test
    void firesIsAcknowledgedSilencedAndRemembered(Rig rig) {
        String id = firing(rig);
        JsonNode line = status(rig);
        assertThat(line.path("reason").asText()).startsWith("memory.level is ").endsWith("at least 0");
        assertThat(line.path("process").asText()).isNotEmpty();
        Rig.Answer acked = rig.send("POST", ALERTS + "/" + id + ":ack", null);
        assertThat(acked.status()).as(acked.text()).isEqualTo(200);
        assertThat(acked.json().path("state").asText()).isEqualTo("acknowledged");
        assertThat(rig.get(ALERTS + "?state=acknowledged").text()).contains(id);
        assertThat(rig.get(ALERTS + "?state=firing").text()).doesNotContain(id);
        assertThat(rig.get(ALERTS + "?severity=critical").text()).doesNotContain(id);

        Rig.Answer silenced = rig.post(ALERTS + "/" + id + ":silence", "{\"for\":\"1h\"}");
        assertThat(silenced.json().path("state").asText()).isEqualTo("silenced");
        assertThat(rig.post(ALERTS + "/" + id + ":silence", "{\"for\":\"0s\"}")
                        .json()
                        .path("state")
                        .asText())
                .isEqualTo("acknowledged");

        assertThat(rig.send("DELETE", RULES + rule, null).status()).isEqualTo(204);
        await().until(() -> rig.get(ALERTS + "?state=resolved").text().contains(id));
        JsonNode over = rig.get(ALERTS + "?state=resolved&limit=500").json().path("items");
        assertThat(over).anySatisfy(one -> {
            assertThat(one.path("id").asText()).isEqualTo(id);
            assertThat(one.path("reason").asText()).isEqualTo("the rule was deleted");
            assertThat(one.path("resolvedAt").isTextual()).isTrue();
        });
        assertThat(rig.send("POST", ALERTS + "/" + id + ":ack", null).status()).isIn(404, 409);
    }

    @Test
    void refusesMarksThatAreNotLegal(Rig rig) {
        String id = firing(rig);
        String path = ALERTS + "/" + id + ":silence";
        assertThat(rig.post(path, "{}").text()).contains("0s to 31d");
        assertThat(rig.post(path, "{\"for\":\"1h\",\"until\":\"2030-01-01T00:00:00Z\"}")
                        .status())
                .isEqualTo(400);
        assertThat(rig.post(path, "{\"for\":\"32d\"}").text()).contains("31 days");
        assertThat(rig.post(path, "{\"for\":\"999999999d\"}").status()).isEqualTo(400);
        assertThat(rig.post(path, "{\"until\":\"9000-01-01T00:00:00Z\"}").text())
                .contains("31 days");
        assertThat(rig.post(path, "{\"until\":\"soon\"}").text()).contains("RFC 3339");
        assertThat(rig.post(ALERTS + "/none-0:silence", "{\"for\":\"1h\"}").status())
                .isEqualTo(404);
        assertThat(rig.send("POST", ALERTS + "/none-0:ack", null).status()).isEqualTo(404);
        assertThat(rig.get(ALERTS + "?state=firin").text()).contains("did you mean \\\"firing\\\"");
        assertThat(rig.get(ALERTS + "?severity=bad").text()).contains("info, warning, error, critical");
        assertThat(rig.get(ALERTS + "?cursor=x").status()).isEqualTo(400);
        assertThat(rig.get(ALERTS + "?state=resolved&cursor=x").status()).isEqualTo(400);
        assertThat(rig.get(RULES + "a%20b").status()).isEqualTo(400);
        assertThat(rig.send("DELETE", RULES + rule, null).status()).isEqualTo(204);
    }
}
