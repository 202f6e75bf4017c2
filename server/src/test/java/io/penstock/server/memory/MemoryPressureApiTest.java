package io.penstock.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

@ExtendWith(RigExtension.class)
@Isolated // it fills the heap that all rigs of this process admit by
final class MemoryPressureApiTest {
    @Test
    void refusesProducersWhileTooMuchIsKept(EmbeddedRedis redis) {
        try (Rig small = Rig.start(redis, flags -> flags.put(Setting.MEMORY_LOAD_LINE, "0.1"))) {
            String queue = Rig.queue();
            long quarter = Runtime.getRuntime().maxMemory() / 4;
            List<byte[]> held = new ArrayList<>();
            for (long bytes = 0; bytes < quarter; bytes += 1 << 20) {
                held.add(new byte[1 << 20]);
            }
            await().untilAsserted(() -> {
                System.gc();
                System.gc();
                Rig.Answer answer = small.post("/api/v1/queues/" + queue + "/jobs", "{\"type\":\"x.y\",\"payload\":1}");
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.problem()).isEqualTo("memory-pressure");
                assertThat(answer.header("Retry-After")).matches("[1-9]\\d*");
            });
            assertThat(held).isNotEmpty();
            assertThat(small.get("/api/v1/admission").json().path("refused").asLong())
                    .isPositive();
            assertThat(small.get("/metrics").text())
                    .containsPattern(
                            "penstock_admission_total\\{decision=\"refused\",reason=\"memory-pressure\"\\} [1-9]");
        }
    }
}
