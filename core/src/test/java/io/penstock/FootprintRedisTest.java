package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.job.JobType;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.optimise.Request;
import io.penstock.memory.optimise.Trigger;
import io.penstock.redis.Call;
import io.penstock.redis.PooledConnection;
import io.penstock.runtime.Subscription;
import io.penstock.worker.WorkerConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** What a process takes of threads, timer tasks and connections, whatever the number of its queues and workers. */
@ExtendWith(EmbeddedRedisExtension.class)
@Isolated // it counts the threads of the process
class FootprintRedisTest {
    private static final String LISTENER = "sun.management.NotificationEmitterSupport$ListenerInfo";

    private record Footprint(long threads, int tasks, int connections, int subscriptions) {
        static Footprint of(Penstock penstock) {
            return new Footprint(
                    ours(),
                    penstock.timer().stats().size(),
                    penstock.redis().connections(),
                    penstock.redis().subscriber().size());
        }

        static long ours() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(Thread::isAlive)
                    .filter(thread -> thread.getName().startsWith("penstock"))
                    .count();
        }
    }

    @Test
    void threeQueuesOfFiveWorkersTakeTwoConnectionsAndLeaveNothing(EmbeddedRedis server) throws Exception {
        measure(server, "3x5", 15, i -> "foot-" + i % 3);
    }

    @Test
    void twoHundredWorkersTakeTwoConnectionsAndLeaveNothing(EmbeddedRedis server) throws Exception {
        measure(server, "200", 200, i -> "many-" + i % 10);
    }

    private static void measure(EmbeddedRedis server, String what, int workers, IntFunction<String> queue)
            throws Exception {
        long before = Footprint.ours();
        Penstock penstock = Penstock.connect(server.uri());
        Footprint idle = Footprint.of(penstock);
        Footprint busy;
        try (penstock) {
            CountDownLatch ran = new CountDownLatch(workers);
            List<JobType<Integer>> types = IntStream.range(0, workers)
                    .mapToObj(queue)
                    .distinct()
                    .map(name -> JobType.of("foot." + name, Integer.class).queue(name))
                    .toList();
            types.forEach(type -> penstock.handle(type, (n, context) -> ran.countDown()));
            for (int i = 0; i < workers; i++) {
                penstock.work(WorkerConfig.named("w" + i).concurrency(1), List.of(queue.apply(i)));
            }
            for (int i = 0; i < workers; i++) {
                penstock.enqueue(types.get(i % types.size()), i);
            }
            assertThat(ran.await(60, TimeUnit.SECONDS)).isTrue();
            busy = Footprint.of(penstock);
            assertThat(busy.connections()).isEqualTo(2);
            assertThat(busy.tasks()).isLessThanOrEqualTo(idle.tasks() + 2 * workers);
        }
        System.out.printf("footprint workers=%s idle=%s busy=%s%n", what, idle, busy);
        assertThat(idle.connections()).isLessThanOrEqualTo(2);
        assertThat(penstock.threads().alive()).isZero();
        assertThat(penstock.timer().stats()).isEmpty();
        assertThat(penstock.redis().connections()).isZero();
        assertThat(penstock.redis().subscriber().size()).isZero();
        await().untilAsserted(() -> assertThat(Footprint.ours()).isEqualTo(before));
    }

    @Test
    void lendsDedicatedConnectionsOnlyWhenAskedAndTrimsThemWhenMemoryIsShort(EmbeddedRedis server) throws Exception {
        try (Penstock penstock = Penstock.connect(server.uri())) {
            assertThat(penstock.redisPool().stats().total()).isZero();
            try (PooledConnection one = penstock.redisPool().acquire("test");
                    PooledConnection two = penstock.redisPool().acquire("test")) {
                one.await(one.command("PING", new Call(8)), Duration.ofSeconds(5));
                two.await(two.command("PING", new Call(8)), Duration.ofSeconds(5));
                assertThat(penstock.redis().connections()).isEqualTo(3);
            }
            assertThat(penstock.redisPool().stats().idle()).isEqualTo(2);
            assertThat(penstock.redisPool().acquireLatency().totalCount()).isEqualTo(2);

            Optimisation report = penstock.memory()
                    .optimiser()
                    .optimise(new Request(Trigger.MANUAL, "aggressive", "test", true))
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);

            assertThat(report.steps()).anyMatch(step -> step.name().equals("trim-redis-pool") && step.ok());
            await().until(() -> penstock.redis().connections() == 1);
            assertThat(penstock.redisPool().stats().total()).isZero();
            assertThat(penstock.redisHealth().status().health().reason()).isEmpty();
            assertThat(penstock.limits().stats()).isEmpty();
        }
    }

    /** Owners that are closed, and the listeners they had anywhere, among them those in the beans of the JVM. */
    @Test
    void listenersGoWithTheirOwners(EmbeddedRedis server) {
        openAndClose(server, true);
        Map<String, Long> before = living();
        for (int i = 0; i < 5; i++) {
            openAndClose(server, false);
        }
        System.out.println("footprint listeners before=" + before + " after=" + living());
        // fewer is fine: a thread that was ending still held one at the first count
        await().untilAsserted(() -> assertThat(living())
                .allSatisfy(
                        (type, left) -> assertThat(left).as(type).isLessThanOrEqualTo(before.getOrDefault(type, 0L))));
    }

    private static void openAndClose(EmbeddedRedis server, boolean look) {
        AtomicInteger heard = new AtomicInteger();
        try (Penstock penstock = Penstock.connect(server.uri())) {
            penstock.handle(JobType.of("listen.t", Integer.class).queue("listen"), (n, context) -> {});
            penstock.start();
            List<Subscription> mine = List.of(
                    penstock.events().onEvent("listen", event -> heard.incrementAndGet()),
                    penstock.events().onWake("listen", heard::incrementAndGet),
                    penstock.memory().monitor().onEvent(event -> heard.incrementAndGet()),
                    penstock.memory().optimiser().onOptimisation(done -> heard.incrementAndGet()));
            if (look) {
                assertThat(living()).containsKeys("io.penstock.Penstock", LISTENER);
            }
            int subscriptions = penstock.redis().subscriber().size();
            mine.forEach(Subscription::close);
            mine.forEach(Subscription::close); // twice is once
            assertThat(penstock.redis().subscriber().size()).isLessThan(subscriptions);
            penstock.events()
                    .onEvent("listen", event -> heard.incrementAndGet()); // forgotten: its Penstock takes it along
        }
    }

    /** Instances that a collection leaves of what registers itself somewhere. */
    private static Map<String, Long> living() {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return histogram
                    .lines()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length >= 4)
                    .filter(
                            words -> words[3].equals(LISTENER)
                                    || words[3].matches(
                                            "io\\.penstock\\.(Penstock|runtime\\.(Timer|Task)|redis\\.(Redis|RedisPool|RedisHealth|Subscriber)"
                                                    + "|memory\\.(MemoryMonitor|gc\\.GcFeed|optimise\\.Optimiser)|worker\\.Worker|queue\\.QueueEvents)"))
                    .collect(Collectors.toMap(words -> words[3], words -> Long.parseLong(words[1]), Long::sum));
        } catch (javax.management.JMException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void aTimerTaskThatBlocksForFiveSecondsDelaysNoLease(EmbeddedRedis server) throws Exception {
        Duration lease = Duration.ofSeconds(2);
        JobType<Integer> type = JobType.of("lease.slow", Integer.class).queue("lease-slow");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (Penstock penstock = Penstock.connect(server.uri())) {
            penstock.handle(type, (n, context) -> {
                runs.incrementAndGet();
                begun.countDown();
                release.await(); // a lost lease would interrupt it
                ended.countDown();
            });
            penstock.work(WorkerConfig.named("patient").concurrency(1).leaseLength(lease), List.of(type.queue()));
            penstock.enqueue(type, 1);
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
            CountDownLatch blocked = new CountDownLatch(1);
            penstock.timer().after("blocks", Duration.ZERO, () -> {
                try {
                    assertThat(release.await(5, TimeUnit.SECONDS)).isFalse();
                } catch (InterruptedException closing) {
                    Thread.currentThread().interrupt();
                }
                blocked.countDown();
            });
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            var renewals = penstock.timer().stats().stream()
                    .filter(task -> task.name().startsWith("lease "))
                    .findFirst()
                    .orElseThrow();
            System.out.printf(
                    "footprint lease renewals=%d latestMillis=%.1f%n", renewals.runs(), renewals.latestNanos() / 1e6);
            assertThat(renewals.runs()).isGreaterThanOrEqualTo(10);
            assertThat(Duration.ofNanos(renewals.latestNanos())).isLessThan(lease.dividedBy(2));
            assertThat(runs).hasValue(1);
            release.countDown();
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
