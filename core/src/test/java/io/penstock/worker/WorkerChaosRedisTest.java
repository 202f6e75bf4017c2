package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.Backoff;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.job.RetryPolicy;
import io.penstock.queue.QueueCounts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever happens, each job ends once and none is lost. */
class WorkerChaosRedisTest {
    private static final RetryPolicy QUICK = RetryPolicy.of(Backoff.fixed(Duration.ofMillis(5)), 3);

    private final CountDownLatch never = new CountDownLatch(1);

    @Test
    void everyJobEndsWhenRedisDiesAndComesBack() {
        int many = 6_000;
        try (EmbeddedRedis server =
                        EmbeddedRedis.builder().appendFsync("always").start();
                Rig rig = new Rig(server)) {
            JobType<Integer> type = rig.type("sturdy");
            AtomicIntegerArray runs = new AtomicIntegerArray(many);
            CountDownLatch half = new CountDownLatch(many / 2);
            rig.handlers.handle(type, (n, context) -> {
                runs.incrementAndGet(n);
                half.countDown();
                never.await(1, TimeUnit.MILLISECONDS);
            });
            rig.queue.enqueueAll(IntStream.range(0, many).mapToObj(type::spec));
            Worker worker = rig.start(8);
            await().until(() -> half.getCount() == 0);

            server.kill();
            server.restart();

            await().ignoreExceptions().until(() -> rig.queue.counts().completed() == many);
            assertThat(IntStream.range(0, many))
                    .allSatisfy(n -> assertThat(runs.get(n)).isPositive());
            assertThat(rig.queue.counts().active()).isZero();
            worker.close();
            assertThat(worker.stats().bytesInHand()).isZero();
        }
    }

    /** Workers come and go, lose leases and change size under jobs that succeed, fail, snooze, stall and are cancelled. */
    @Test
    @ExtendWith(EmbeddedRedisExtension.class)
    void everyJobEndsExactlyOnceUnderRandomTrouble(EmbeddedRedis server) {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int many = 1_500;
        try (Rig rig = new Rig(server)) {
            Set<Integer> completed = Collections.synchronizedSet(new HashSet<>());
            JobType<Integer> type = troubled(rig, completed);
            rig.startReclaimer(Duration.ofSeconds(1));
            List<JobId> ids = new ArrayList<>();
            List<Worker> workers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                workers.add(startOne(rig));
            }
            for (int n = 0; n < many; n++) {
                ids.add(rig.enqueue(type.spec(n)));
                if (random.nextInt(25) == 0) {
                    rig.queue.cancel(ids.get(random.nextInt(ids.size())));
                }
                if (random.nextInt(150) == 0) {
                    workers.remove(random.nextInt(workers.size())).close();
                    workers.add(startOne(rig));
                }
                if (random.nextInt(300) == 0) {
                    rig.expireLeases();
                }
                if (random.nextInt(100) == 0) {
                    workers.get(random.nextInt(workers.size())).concurrency(1 + random.nextInt(20));
                }
            }

            await().atMost(Duration.ofSeconds(60)).until(() -> pending(rig.queue.counts()) == 0);
            QueueCounts counts = rig.queue.counts();
            assertThat(counts.completed() + counts.failed() + counts.cancelled())
                    .as("seed %d: %s", seed, counts)
                    .isEqualTo(many);
            for (int n = 0; n < many; n++) {
                Job job = rig.job(ids.get(n));
                assertThat(job.state().terminal()).as("seed %d job %d", seed, n).isTrue();
                if (job.state() == JobState.COMPLETED) {
                    assertThat(completed).as("seed %d", seed).contains(n);
                }
            }
        }
    }

    private static long pending(QueueCounts counts) {
        return counts.waiting() + counts.delayed() + counts.active();
    }

    private static Worker startOne(Rig rig) {
        return rig.start(config -> config.concurrency(5)
                .leaseLength(Duration.ofSeconds(1))
                .shutdownTimeout(Duration.ofMillis(20))
                .abandonAfter(Duration.ofMillis(300)));
    }

    private JobType<Integer> troubled(Rig rig, Set<Integer> completed) {
        JobType<Integer> type = rig.type("troubled").retry(QUICK).timeout(Duration.ofMillis(200));
        AtomicInteger calls = new AtomicInteger();
        rig.handlers.handle(type, (n, context) -> {
            calls.incrementAndGet();
            switch (n % 10) {
                case 0 -> throw new IOException("always");
                case 1 -> {
                    if (context.attempt() < 3) {
                        throw new IOException("twice");
                    }
                }
                case 2 -> {
                    if (context.deliveries() < 3) {
                        throw context.snooze(Duration.ofMillis(3));
                    }
                }
                case 3 -> never.await(10, TimeUnit.MILLISECONDS);
                case 4 -> context.step("part", () -> n);
                case 5 -> {
                    if (n % 100 == 5) {
                        never.await(); // until its timeout
                    }
                }
                case 6 -> context.log("line");
                default -> {}
            }
            completed.add(n);
        });
        return type;
    }
}
