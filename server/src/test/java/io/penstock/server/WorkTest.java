package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class WorkTest {
    private static final String JOB = "{\"type\":\"demo.echo\"}";

    @Test
    void servesQueueAfterQueueThoughNotAllAtOnce(EmbeddedRedis redis) {
        try (Rig rig = Rig.start(redis, flags -> {})) {
            List<String> queues = new ArrayList<>();
            for (int i = 0; i < Work.MOST_FOUND + 8; i++) {
                String queue = Rig.queue();
                queues.add(queue);
                String id = rig.enqueue(queue, JOB);
                await().until(() -> rig.job(id).path("state").asText().equals("completed"));
            }
            String again = rig.enqueue(queues.get(0), JOB); // its worker had to go, and comes back
            await().until(() -> rig.job(again).path("state").asText().equals("completed"));
            assertThat(rig.get("/api/v1/workers?limit=500").json().path("items"))
                    .isNotEmpty();
        }
    }
}
