package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.JobType;
import io.penstock.monitor.Monitor;
import io.penstock.monitor.MonitorConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MonitorRedisTest {
    private static final JobType<Integer> MAIL =
            JobType.of("mail.send", Integer.class).queue("mail");

    @Test
    void measuresAllQueuesOfARealRedis() {
        MonitorConfig d = MonitorConfig.DEFAULT;
        MonitorConfig each = new MonitorConfig(
                true, Duration.ofSeconds(1), Duration.ofSeconds(1), d.memory(), d.system(), d.maxBytes(), true, null);
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock =
                        Penstock.connect(PenstockConfig.of(server.uri()).monitor(each))) {
            Monitor monitor = penstock.monitor();
            penstock.handle(MAIL, (mail, ctx) -> {
                if (mail % 5 == 0) {
                    throw new IllegalStateException("no");
                }
            });
            penstock.enqueue(JobType.of("other", Integer.class).queue("elsewhere"), 1);
            await().until(() -> monitor.latest("queue.elsewhere.waiting") == 1);
            penstock.start();
            int[] next = {0};
            await().until(() -> {
                for (int i = 0; i < 20; i++) {
                    penstock.enqueue(MAIL, next[0]++);
                }
                return monitor.latest("queue.mail.throughput.perSecond") > 0
                        && monitor.latest("queue.mail.run.p99.millis") >= 0
                        && monitor.latest("queue.mail.error.share") > 0;
            });
            assertThat(monitor.latest("queue.mail.error.share")).isBetween(0.02, 0.9);
            assertThat(monitor.latest("queue.mail.wait.p99.millis")).isBetween(0.0, 60_000.0);
            assertThat(monitor.latest("queue.elsewhere.oldest.millis")).isPositive();
            assertThat(monitor.latest("queue.elsewhere.bytes")).isPositive();
            assertThat(monitor.latest("process.cpu.share")).isBetween(0.0, 1.0);
            assertThat(monitor.latest("memory.level")).isBetween(0.0, 4.0);
            List<String> queues = List.of("elsewhere", "mail");
            assertThat(monitor.status().queues()).isEqualTo(queues.size());
            penstock.delete("elsewhere", true);
            await().until(() -> monitor.status().queues() == 1);
            assertThat(monitor.names()).noneMatch(name -> name.startsWith("queue.elsewhere"));
            server.kill();
            await().until(() -> Double.isNaN(monitor.latest("queue.mail.waiting")));
            assertThat(monitor.latest("process.threads")).isPositive();
        }
    }
}
