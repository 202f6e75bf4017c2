package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.queue.QueueSettings.Keep;
import io.penstock.runtime.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
class KnownSettingsRedisTest {
    private static final QueueSettings CHANGED = new QueueSettings(
            0, 0, 4096, new Keep(Duration.ofDays(2), 7, 1 << 20), QueueSettings.KEEP_FAILED, QueueSettings.AGING);

    @Test
    void goesByWhatAnotherProcessChangedTenSecondsLater(EmbeddedRedis server) {
        try (QueueRig rig = new QueueRig(server)) {
            ManualClock ours = new ManualClock();
            QueueStore here = new QueueStore(rig.redis, ours, rig.name);
            rig.redis.await(here.refresh());

            rig.queue.configure(CHANGED);
            ours.advance(Duration.ofSeconds(KnownSettings.FRESH_SECONDS).minusMillis(1));
            assertThat(here.settings().now()).isEqualTo(QueueSettings.DEFAULT);

            ours.advance(Duration.ofMillis(1));
            await().until(() -> here.settings().now().equals(CHANGED));
        }
    }

    @Test
    void prunesByWhatAnotherProcessChanged(EmbeddedRedis server) {
        try (QueueRig rig = new QueueRig(server)) {
            ManualClock ours = new ManualClock();
            QueueStore here = new QueueStore(rig.redis, ours, rig.name);
            rig.redis.await(here.refresh());
            Lease lease = rig.join();
            for (int i = 0; i < 3; i++) {
                rig.add();
                rig.finish(lease, rig.completed(rig.take(lease, 1).get(0)));
            }

            rig.queue.configure(new QueueSettings(
                    0,
                    0,
                    4096,
                    new Keep(Duration.ofDays(2), 1, 1 << 20),
                    QueueSettings.KEEP_FAILED,
                    QueueSettings.AGING));
            assertThat(rig.redis.await(here.prune(100))).isZero();

            ours.advance(Duration.ofSeconds(KnownSettings.FRESH_SECONDS));
            await().until(() -> rig.redis.await(here.prune(100)) > 0);
            assertThat(rig.queue.counts().completed()).isEqualTo(1);
        }
    }
}
