package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class BatchApiTest {
    private final String queue = Rig.queue();

    private String job(String rest) {
        return "{\"queue\":\"" + queue + "\",\"type\":\"mail.send\"" + rest + "}";
    }

    @Test
    void takesAnArray(Rig rig) {
        JsonNode answer = rig.post("/api/v1/jobs:batch", "[" + job("") + "," + job(",\"unique\":{\"key\":\"k\"}") + "]")
                .json();
        assertThat(answer.path("accepted").asInt()).isEqualTo(2);
        assertThat(answer.path("ids")).hasSize(2);
        JsonNode again = rig.post("/api/v1/jobs:batch", "[" + job(",\"unique\":{\"key\":\"k\"}") + "]")
                .json();
        assertThat(again.path("duplicates").asInt()).isEqualTo(1);
        assertThat(again.path("ids").get(0)).isEqualTo(answer.path("ids").get(1));
    }

    @Test
    void takesLinesAndAnswersEachForItself(Rig rig) {
        String lines = job("") + "\n\n" + "{broken\n" + job(",\"colour\":1") + "\r\n" + job("");
        Rig.Answer answer = rig.send("POST", "/api/v1/jobs:batch", lines, "Content-Type", "application/x-ndjson");
        assertThat(answer.status()).isEqualTo(200);
        JsonNode json = answer.json();
        assertThat(json.path("accepted").asInt()).isEqualTo(2);
        assertThat(json.path("refused").asInt()).isEqualTo(2);
        assertThat(json.path("ids").get(1).isNull()).isTrue();
        assertThat(json.path("ids").get(3).isTextual()).isTrue();
        assertThat(json.at("/errors/0/index").asInt()).isEqualTo(1);
        assertThat(json.at("/errors/0/type").asText()).endsWith("/malformed-json");
        assertThat(json.at("/errors/1/detail").asText()).contains("colour");
        assertThat(json.path("retryAfter").asInt()).isZero();
    }

    @Test
    void failsAsAWholeWhenNothingGotIn(Rig rig) {
        assertThat(rig.post("/api/v1/jobs:batch", "[{\"type\":\"x\"}]").text()).contains("/0/queue");
        rig.send("PUT", "/api/v1/queues/" + queue, "{\"maxJobs\":1}");
        rig.enqueue(queue, "{\"type\":\"mail.send\"}");
        Rig.Answer full = rig.post("/api/v1/jobs:batch", "[" + job("") + "," + job("") + "]");
        assertThat(full.status()).isEqualTo(429);
        assertThat(full.problem()).isEqualTo("queue-full");
        assertThat(full.header("Retry-After")).isNotEmpty();
        assertThat(full.json().path("retryAfter").asInt()).isPositive();
    }

    @Test
    void boundsTheNumberOfJobs(Rig rig) {
        assertThat(rig.post("/api/v1/jobs:batch", "[]").json().path("accepted").asInt())
                .isZero();
        Rig.Answer many =
                rig.send("POST", "/api/v1/jobs:batch", "{}\n".repeat(5_001), "Content-Type", "application/x-ndjson");
        assertThat(many.status()).isEqualTo(413);
        StringBuilder most = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            most.append(job(",\"payload\":" + i)).append('\n');
        }
        assertThat(rig.send("POST", "/api/v1/jobs:batch", most.toString(), "Content-Type", "application/x-ndjson")
                        .json()
                        .path("accepted")
                        .asInt())
                .isEqualTo(5_000);
    }
}
