package io.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/**
 * A replay of the report's design beside ours: every operation takes one of 20 connections for itself and whoever comes
 * first through the door gets it. Prints waiting and latency of 1,000 callers; asserts only that all are served.
 */
class ReportReplayTest {
    private static final int CALLERS = 1_000;
    private static final int ROUNDS = 20;
    private static final int CONNECTIONS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final byte[] KEY = Redis.utf8("replay");

    private interface Operation {
        void run() throws Exception;
    }

    @Test
    void aThousandCallersOverTheReportsDesignAndOurs() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .unixSocket(false)
                        .persistence(false)
                        .start();
                Threads threads = new Threads(10);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer)) {
            replay(redis, timer);
            fifo(redis, timer);
            AtomicInteger outstanding = new AtomicInteger();
            measure("ours, multiplexed", redis::connections, outstanding::get, () -> {
                outstanding.incrementAndGet();
                redis.await(redis.command("INCR", new Call(64).key(KEY)));
                outstanding.decrementAndGet();
            });
            assertThat(redis.await(redis.command("GET", new Call(64).key(KEY))))
                    .singleElement()
                    .satisfies(sum -> assertThat(Redis.text(sum)).isEqualTo("" + 3 * CALLERS * ROUNDS));
        }
    }

    /** Twenty connections behind a door without a line. */
    private static void replay(Redis redis, Timer timer) throws Exception {
        try (RedisPool source =
                new RedisPool("replay", PoolConfig.DEFAULT.connections(CONNECTIONS, CONNECTIONS), redis, timer)) {
            var free = new ConcurrentLinkedDeque<PooledConnection>();
            for (int i = 0; i < CONNECTIONS; i++) {
                free.add(source.acquire("replay"));
            }
            Semaphore door = new Semaphore(CONNECTIONS, false);
            measure("the report's design, replayed", redis::connections, door::getQueueLength, () -> {
                door.acquire();
                PooledConnection mine = free.pop();
                mine.await(mine.command("INCR", new Call(64).key(KEY)), PATIENCE);
                free.push(mine);
                door.release();
            });
        }
    }

    private static void fifo(Redis redis, Timer timer) throws Exception {
        try (RedisPool pool = new RedisPool(
                "ours", PoolConfig.DEFAULT.connections(0, CONNECTIONS).acquireTimeout(PATIENCE), redis, timer)) {
            measure(
                    "ours, dedicated (pool)",
                    redis::connections,
                    () -> pool.stats().waiting(),
                    () -> {
                        try (PooledConnection mine = pool.acquire("caller")) {
                            mine.await(mine.command("INCR", new Call(64).key(KEY)), PATIENCE);
                        }
                    });
        }
    }

    private static void measure(String what, IntSupplier connections, IntSupplier waiting, Operation operation)
            throws Exception {
        AtomicLongArray took = new AtomicLongArray(CALLERS * ROUNDS);
        AtomicInteger served = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Runnable work = () -> {
                try {
                    go.await();
                    for (int round = 0; round < ROUNDS; round++) {
                        long begin = System.nanoTime();
                        operation.run();
                        took.set(served.getAndIncrement(), System.nanoTime() - begin);
                    }
                } catch (Exception failed) {
                    System.out.println("replay " + what + ": " + failed); // the count of the served tells it, too
                }
            };
            callers.add(new Thread(null, work, "caller-" + i, 128 << 10));
        }
        callers.forEach(Thread::start);
        long begin = System.nanoTime();
        go.countDown();
        int mostWaiting = 0;
        int sockets = 0;
        while (served.get() < CALLERS * ROUNDS && callers.stream().anyMatch(Thread::isAlive)) {
            mostWaiting = Math.max(mostWaiting, waiting.getAsInt());
            sockets = Math.max(sockets, connections.getAsInt());
            LockSupport.parkNanos(500_000);
        }
        for (Thread caller : callers) {
            caller.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        long[] sorted = new long[served.get()];
        Arrays.setAll(sorted, took::get);
        Arrays.sort(sorted);
        System.out.printf(
                "replay %-30s callers=%d operations=%d connections=%d mostWaiting=%d p50=%.2f ms p99=%.2f ms max=%.1f ms"
                        + " %.0f/s%n",
                what,
                CALLERS,
                sorted.length,
                sockets,
                mostWaiting,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6,
                sorted.length / seconds);
        assertThat(sorted).hasSize(CALLERS * ROUNDS);
    }
}
