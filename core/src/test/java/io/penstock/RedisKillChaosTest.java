package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.JobType;
import io.penstock.queue.Queue;
import io.penstock.testing.Ledger;
import io.penstock.worker.WorkerConfig;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Redis dies by SIGKILL under producers and workers, again and again. */
class RedisKillChaosTest {
    private static final int KILLS = Integer.getInteger("chaos.redisKills", 50);
    private static final int CONTROL_KILLS = 4;
    private static final int PRODUCERS = 3;

    private record Numbered(int n) {}

    private final long seed = Long.getLong("chaos.seed", System.nanoTime());

    @Test
    void nothingAcknowledgedIsLostOrEndsTwiceWhenEveryWriteIsSynced() throws Exception {
        Ledger.Balance balance = survive("always", KILLS);

        assertThat(balance.holds()).as("%s", balance).isTrue();
        assertThat(balance.acknowledged()).isGreaterThan(KILLS);
    }

    /** What the default loses is reported, not demanded: Redis answers before the write has reached the file. */
    @Test
    void syncEverySecondIsReportedBesideIt() throws Exception {
        Ledger.Balance balance = survive("everysec", CONTROL_KILLS);

        assertThat(balance.duplicated()).isEmpty();
    }

    private Ledger.Balance survive(String fsync, int kills) throws Exception {
        Random random = new Random(seed);
        Ledger ledger = new Ledger();
        JobType<Numbered> type = JobType.of("step", Numbered.class).queue("steps");
        AtomicInteger numbers = new AtomicInteger();
        AtomicBoolean producing = new AtomicBoolean(true);
        long began = System.nanoTime();
        try (EmbeddedRedis server = EmbeddedRedis.builder().appendFsync(fsync).start();
                Penstock penstock = Penstock.connect(PenstockConfig.of(server.uri())
                        .worker(WorkerConfig.named("steps").concurrency(4).leaseLength(Duration.ofSeconds(3))))) {
            Queue queue = ChaosQueues.keepingAll(penstock, "steps");
            penstock.handle(type, (step, context) -> {
                ledger.ran(step.n(), context.deliveries(), false);
                LockSupport.parkNanos(2_000_000);
            });
            penstock.start();
            var producers = IntStream.range(0, PRODUCERS)
                    .mapToObj(
                            i -> new Thread(() -> produce(penstock, type, ledger, numbers, producing), "producer-" + i))
                    .toList();
            producers.forEach(Thread::start);
            for (int kill = 0; kill < kills; kill++) {
                int before = ledger.acknowledged();
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> ledger.acknowledged() > before + 5);
                LockSupport.parkNanos(random.nextInt(80) * 1_000_000L);
                server.kill();
                server.restart();
            }
            producing.set(false);
            for (Thread producer : producers) {
                producer.join();
            }
            await().pollInterval(Duration.ofMillis(50))
                    .until(() -> queue.counts().pending() == 0);
            ledger.ended(queue);
            Ledger.Balance balance = ledger.balance();
            System.out.printf(
                    "chaos redis-kill fsync=%s seed=%d kills=%d seconds=%d: %s%n",
                    fsync, seed, kills, (System.nanoTime() - began) / 1_000_000_000L, balance);
            if (balance.lost().isEmpty()) {
                assertThat(queue.stats().completedTotal()).isEqualTo(balance.ok() + balance.recovered());
            }
            return balance;
        }
    }

    private static void produce(
            Penstock penstock, JobType<Numbered> type, Ledger ledger, AtomicInteger numbers, AtomicBoolean producing) {
        while (producing.get()) {
            int n = numbers.getAndIncrement();
            ledger.attempted(n);
            Enqueued answer = penstock.enqueue(type, new Numbered(n));
            ledger.answered(n, answer);
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Without persistence a restart empties Redis, its counters included; that must not harm what is added afterwards. */
    @Test
    void whatIsAcknowledgedAfterALossIsNotLost() {
        JobType<Numbered> type = JobType.of("step", Numbered.class).queue("steps");
        try (EmbeddedRedis server = EmbeddedRedis.builder().persistence(false).start();
                Penstock one = Penstock.connect(server.uri());
                Penstock two = Penstock.connect(server.uri())) {
            for (int n = 0; n < 10; n++) {
                assertThat(one.enqueue(type, new Numbered(n))).isInstanceOf(Enqueued.Accepted.class);
            }
            server.kill();
            server.restart();
            Ledger ledger = new Ledger();
            for (int n = 10; n < 50; n++) {
                ledger.attempted(n);
                ledger.answered(n, (n % 2 == 0 ? one : two).enqueue(type, new Numbered(n)));
            }
            one.handle(type, (step, context) -> {});
            ChaosQueues.keepingAll(one, "steps");
            one.start();
            await().until(() -> one.queue("steps").counts().pending() == 0);
            ledger.ended(one.queue("steps"));
            Ledger.Balance balance = ledger.balance();
            System.out.printf("chaos redis-emptied: %s%n", balance);
            assertThat(balance.holds()).as("%s", balance).isTrue();
            assertThat(balance.ok()).isEqualTo(40);
        }
    }
}
