package io.penstock.server.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class ScalingApiTest {
    private final String queue = Rig.queue();

    private JsonNode scaling(Rig rig, String query) {
        Rig.Answer answer = rig.get("/api/v1/queues/" + queue + "/scaling" + query);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void wantsWhatEndsTodayAndTheBacklogWithinTheTarget() {
        assertThat(ScalingApi.wanted(0, 0, 1_000, 60)).isZero();
        assertThat(ScalingApi.wanted(0, 1, 1, 60)).isEqualTo(1);
        assertThat(ScalingApi.wanted(0, 600, 2_000, 60)).isEqualTo(20);
        assertThat(ScalingApi.wanted(5, 600, 2_000, 60)).isEqualTo(30);
        assertThat(ScalingApi.wanted(5, 0, 2_000, 60)).isEqualTo(10);
    }

    @Test
    void saysHowManyWorkersAQueueNeeds(Rig rig) {
        for (int i = 0; i < 12; i++) {
            rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        }
        JsonNode now = scaling(rig, "?target=6s");
        assertThat(now.path("waiting").asInt()).isEqualTo(12);
        assertThat(now.path("workers").asInt()).isZero();
        assertThat(now.path("desiredConcurrency").asInt()).isEqualTo(2);
        assertThat(now.path("desiredWorkers").asInt()).isEqualTo(2);
        rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"w\"}");
        assertThat(scaling(rig, "").path("workers").asInt()).isEqualTo(1);
        rig.post("/api/v1/queues/" + queue + ":pause", null);
        assertThat(scaling(rig, "?target=99d").path("desiredWorkers").asInt()).isZero();
        assertThat(scaling(rig, "?target=99d").path("targetSeconds").asInt()).isEqualTo(3_600);
    }

    @Test
    void refusesWhatIsNoQueueAndNoTime(Rig rig) {
        assertThat(rig.get("/api/v1/queues/" + queue + "/scaling").status()).isEqualTo(404);
        rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        assertThat(rig.get("/api/v1/queues/" + queue + "/scaling?target=soon").problem())
                .isEqualTo("invalid-value");
    }
}
