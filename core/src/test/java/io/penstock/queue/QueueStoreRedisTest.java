package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedRedisExtension.class)
class QueueStoreRedisTest {
    @Test
    void aReportThatRedisRejectsForGoodGivesUpTheLease(EmbeddedRedis server) {
        try (Threads threads = new Threads(10);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer)) {
            QueueStore store = new QueueStore(redis, Clock.system(), "rejected");
            new Queue(store)
                    .enqueue(new JobSpec("rejected", "t", "{}".getBytes(StandardCharsets.UTF_8), JobOptions.NONE));
            Lease lease = redis.await(store.join(Duration.ofSeconds(30)));
            List<LeasedJob> jobs = redis.await(store.take(lease, 1, 1_000));
            redis.await(
                    redis.command("SET", new Call(64).key(store.keys().counters).arg("no hash")));
            long now = Clock.system().millis();

            assertThatThrownBy(() ->
                            redis.await(store.finish(lease, List.of(Ending.completed(jobs.get(0), now, now, null)))))
                    .hasRootCauseInstanceOf(RuntimeException.class)
                    .hasMessageContaining("given up");
            assertThat(lease.unsettled()).isNull();
        }
    }
}
