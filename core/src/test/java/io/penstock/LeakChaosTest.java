package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobType;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever is opened is closed again: threads, connections, timer tasks, subscriptions, processes, file descriptors. */
@ExtendWith(EmbeddedRedisExtension.class)
class LeakChaosTest {
    private static final int TIMES = 20;
    private static final int WORKERS = 5;
    private static final List<String> QUEUES = List.of("leak-a", "leak-b", "leak-c");

    /** What a process holds; two of them are equal when nothing has leaked. */
    private record Holdings(long threads, long connections, long children, long files) {
        static Holdings now(Penstock observer) {
            Redis redis = observer.redis();
            String clients = Redis.text(redis.await(redis.command("CLIENT", new Call(16).arg("LIST")))
                    .get(0));
            var os = ManagementFactory.getOperatingSystemMXBean();
            return new Holdings(
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(Thread::isAlive)
                            .filter(thread -> thread.getName().matches("(penstock|lettuce|netty).*"))
                            .count(),
                    clients.lines().count(),
                    ProcessHandle.current().descendants().count(),
                    os instanceof UnixOperatingSystemMXBean unix ? unix.getOpenFileDescriptorCount() : 0);
        }
    }

    @Test
    void openingAndClosingTwentyTimesLeavesNothingBehind(EmbeddedRedis server) {
        try (Penstock observer = Penstock.connect(server.uri())) {
            openAndClose(server); // classes, native libraries and pools are loaded once
            openAndClose(server);
            await().until(() -> Holdings.now(observer).connections() == 1);
            Holdings before = Holdings.now(observer);
            Holdings during = before;
            for (int i = 0; i < TIMES; i++) {
                during = openAndClose(server);
            }
            await().untilAsserted(() -> assertThat(Holdings.now(observer)).isEqualTo(before));
            System.out.printf("chaos leak times=%d before=%s during=%s after=%s%n", TIMES, before, during, before);
            assertThat(during.connections() - before.connections()).isEqualTo(2);
        }
    }

    private static Holdings openAndClose(EmbeddedRedis server) {
        AtomicInteger ran = new AtomicInteger();
        Penstock penstock = Penstock.connect(server.uri());
        try (penstock) {
            List<JobType<Integer>> types = QUEUES.stream()
                    .map(queue -> JobType.of("leak." + queue, Integer.class).queue(queue))
                    .toList();
            types.forEach(type -> penstock.handle(type, (n, context) -> ran.incrementAndGet()));
            for (String queue : QUEUES) {
                for (int i = 0; i < WORKERS; i++) {
                    penstock.work(WorkerConfig.named(queue + i).concurrency(2), List.of(queue));
                }
            }
            types.forEach(type -> {
                for (int n = 0; n < 10; n++) {
                    penstock.enqueue(type, n);
                }
            });
            await().pollInterval(Duration.ofMillis(5)).until(() -> ran.get() == 10 * QUEUES.size());
            return Holdings.now(penstock);
        } finally {
            assertThat(penstock.threads().alive()).isZero();
            assertThat(penstock.timer().stats()).isEmpty();
            assertThat(penstock.redis().subscriber().size()).isZero();
            assertThat(penstock.redis().connections()).isZero();
        }
    }

    @Test
    void workersThatComeAndGoLeaveNothingInTheirPenstock(EmbeddedRedis server) {
        JobType<Integer> type = JobType.of("leak.coming", Integer.class).queue("leak-coming");
        AtomicInteger ran = new AtomicInteger();
        try (Penstock penstock = Penstock.connect(server.uri())) {
            penstock.handle(type, (n, context) -> ran.incrementAndGet());
            comeAndGo(penstock, type, ran);
            int tasks = penstock.timer().stats().size();
            int subscriptions = penstock.redis().subscriber().size();
            for (int i = 0; i < TIMES; i++) {
                comeAndGo(penstock, type, ran);
            }
            assertThat(penstock.timer().stats()).hasSize(tasks);
            assertThat(penstock.redis().subscriber().size()).isEqualTo(subscriptions);
            await().until(() -> penstock.threads().alive() == 2); // the timer's
            assertThat(penstock.workers()).isEmpty();
        }
    }

    private static void comeAndGo(Penstock penstock, JobType<Integer> type, AtomicInteger ran) {
        int before = ran.get();
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            workers.add(penstock.work(WorkerConfig.named("coming" + i).concurrency(2), Set.of(type.queue())));
        }
        penstock.enqueue(type, 1);
        await().pollInterval(Duration.ofMillis(5)).until(() -> ran.get() > before);
        workers.forEach(Worker::close);
    }
}
