package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.JobError;
import io.penstock.server.search.Fingerprint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class DeadApiTest {
    private final String queue = Rig.queue();

    @Test
    void groupsByWhatKilledThem(Rig rig) {
        for (int i = 0; i < 5; i++) {
            String message = i < 3 ? "order " + i + " not found" : "timeout";
            rig.enqueue(
                    queue, "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"" + message + "\"}}");
        }
        await().until(() ->
                rig.get("/api/v1/queues/" + queue).json().at("/counts/failed").asInt() == 5);
        JsonNode groups = rig.get("/api/v1/dead/groups?queue=" + queue).json();
        assertThat(groups.path("items")).hasSize(2);
        JsonNode most = groups.at("/items/0");
        assertThat(most.path("count").asInt()).isEqualTo(3);
        assertThat(most.path("message").asText()).isEqualTo("order # not found");
        assertThat(most.path("sample")).hasSize(3);
        assertThat(most.path("types").path("demo.fail").asInt()).isEqualTo(3);
        assertThat(groups.path("complete").asBoolean()).isTrue();
        assertThat(groups.path("scanned").asInt()).isEqualTo(5);
        assertThat(rig.get("/api/v1/dead/groups?queue=" + queue + "&limit=1")
                        .json()
                        .path("items"))
                .hasSize(1);
        assertThat(rig.get("/api/v1/dead/groups?queue=a%20b").status()).isEqualTo(400);
    }

    @Test
    void seesTheSameErrorBehindNumbersAndIds() {
        String one = Fingerprint.of(
                new JobError("E", "user 12 of 3f2504e0-4f89-11d3-9a0c-0305e82c3301 at 0xdeadbeef01", null));
        String other = Fingerprint.of(
                new JobError("E", "user 7 of 00000000-4f89-11d3-9a0c-0305e82c3301 at 0xdeadbeef02", null));
        assertThat(one).isEqualTo(other);
        assertThat(Fingerprint.of(new JobError("F", "user 7", null)))
                .isNotEqualTo(Fingerprint.of(new JobError("E", "user 7", null)));
    }
}
