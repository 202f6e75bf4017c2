package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.queue.Queue;
import io.penstock.redis.RedisException;
import io.penstock.testing.Ledger;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A Redis at its maxmemory refuses producers and lets consumers drain it; one that evicts is not worked on at all. */
class FullRedisChaosTest {
    private static final long MAX_MEMORY = 24L << 20;

    private record Bulky(int n, String text) {}

    private static final JobType<Bulky> BULKY = JobType.of("bulky", Bulky.class).queue("full");

    private final long seed = Long.getLong("chaos.seed", System.nanoTime());

    @Test
    void producersAreRefusedConsumersDrainAndProducersAreTakenAgain() {
        Random random = new Random(seed);
        Ledger ledger = new Ledger();
        try (EmbeddedRedis server =
                        EmbeddedRedis.builder().maxMemoryBytes(MAX_MEMORY).start();
                Penstock penstock = Penstock.connect(server.uri())) {
            Queue queue = penstock.queue("full");
            int n = 0;
            Enqueued answer = add(penstock, ledger, n++, 40_000);
            for (int bytes = 40_000; bytes >= 500; bytes /= 4) { // to the brim, with ever smaller jobs
                while (answer instanceof Enqueued.Accepted) {
                    answer = add(penstock, ledger, n++, bytes);
                }
                answer = add(penstock, ledger, n++, bytes / 4);
            }
            int refused = 0;
            for (int i = 0; i < 200; i++) {
                answer = add(penstock, ledger, n++, 40_000 + random.nextInt(10_000));
                refused += answer instanceof Enqueued.Refused no && no.reason() == Enqueued.Reason.REDIS_FULL ? 1 : 0;
            }
            long waiting = queue.counts().waiting();
            assertThat(refused).isEqualTo(200);
            assertThat(waiting).isEqualTo(ledger.acknowledged());
            assertThat(queue.stats().addedTotal()).isEqualTo(waiting);

            penstock.handle(BULKY, (bulky, context) -> {
                ledger.ran(bulky.n(), context.deliveries(), false);
                ledger.ended(bulky.n(), JobState.COMPLETED); // the records are too many to be kept
            });
            penstock.start(); // a worker that comes only now must be able to join
            await().until(() -> queue.counts().pending() == 0);
            while (!(add(penstock, ledger, n, 40_000) instanceof Enqueued.Accepted)) {
                assertThat(n++).isLessThan(10_000); // until enough of the completed ones is forgotten
                LockSupport.parkNanos(10_000_000);
            }
            await().until(() -> queue.counts().pending() == 0);

            Ledger.Balance balance = ledger.balance();
            System.out.printf(
                    "chaos redis-full seed=%d drained=%d completed=%d: %s%n",
                    seed, waiting, queue.stats().completedTotal(), balance);
            assertThat(queue.stats().completedTotal()).isEqualTo(balance.acknowledged());
            assertThat(balance.holds()).as("%s", balance).isTrue();
            assertThat(balance.reruns()).isZero();
            assertThat(queue.stats().bytes()).isZero();
            assertThat(queue.list(JobState.WAITING, null, 10).jobs()).isEmpty();
        }
    }

    private static Enqueued add(Penstock penstock, Ledger ledger, int n, int bytes) {
        ledger.attempted(n);
        Enqueued answer = penstock.enqueue(BULKY, new Bulky(n, "x".repeat(bytes)));
        ledger.answered(n, answer);
        return answer;
    }

    @Test
    void anEvictingRedisIsRefusedAndMayOnlyBeLookedAt() {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                .maxMemoryBytes(MAX_MEMORY)
                .setting("maxmemory-policy", "allkeys-lru")
                .start()) {
            assertThatThrownBy(() -> Penstock.connect(server.uri()))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("allkeys-lru")
                    .hasMessageContaining("noeviction");

            try (Penstock looking =
                    Penstock.connect(PenstockConfig.of(server.uri()).lookOnly())) {
                assertThat(looking.queues()).isEmpty();
                assertThat(looking.queue("full").counts().waiting()).isZero();
                assertThat(looking.doctor())
                        .anyMatch(finding -> finding.toString().contains("allkeys-lru"));
                assertThatThrownBy(() -> looking.enqueue(BULKY, new Bulky(1, "x")))
                        .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(looking::start).isInstanceOf(IllegalStateException.class);
            }
        }
    }
}
