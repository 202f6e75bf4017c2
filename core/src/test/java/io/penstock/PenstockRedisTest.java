package io.penstock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.redis.Call;
import io.penstock.redis.RedisException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PenstockRedisTest {
    private static JobSpec spec(String queue) {
        return new JobSpec(queue, "t", "1".getBytes(UTF_8), JobOptions.NONE);
    }

    @Test
    void waitsForNothingWhenAJobIsAddedToANewQueueAsynchronously() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(server.uri())) {
            penstock.redis()
                    .await(penstock.redis()
                            .command("CLIENT", new Call(32).arg("PAUSE").arg(1_000)));

            CompletableFuture<Enqueued> answer =
                    penstock.enqueueAsync(spec("fresh")).toCompletableFuture();

            assertThat(answer).isNotDone();
            assertThat(answer.get(60, TimeUnit.SECONDS)).isInstanceOf(Enqueued.Accepted.class);
            assertThat(penstock.queues()).containsExactly("fresh");
        }
    }

    @Test
    void tellsInItsOwnWordsThatItCannotSubscribe() {
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock penstock = Penstock.connect(server.uri())) {
            server.kill();

            assertThatThrownBy(() -> penstock.redis().subscriber().subscribe("c", message -> {}))
                    .isInstanceOf(RedisException.Unreachable.class)
                    .hasMessageContaining("nothing was subscribed");
            assertThat(penstock.redis().subscriber().size()).isZero();
        }
    }
}
