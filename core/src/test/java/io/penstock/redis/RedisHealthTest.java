package io.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Health.Status;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.testing.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RedisHealthTest {
    private static final Duration PERIOD = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private EmbeddedRedis server;
    private FaultProxy proxy;
    private Redis redis;
    private RedisHealth health;

    @BeforeEach
    void open() throws IOException {
        server = EmbeddedRedis.builder()
                .unixSocket(false)
                .persistence(false)
                .setting("slowlog-log-slower-than", "10000")
                .start();
        proxy = new FaultProxy(server.uri());
        redis = Redis.connect(new RedisConfig(proxy.uri(), Duration.ofSeconds(1)), Clock.system(), timer);
        health = new RedisHealth(redis, PERIOD, RedisHealth.DEFAULT_THRESHOLD, timer);
        lines.start();
        logger().setLevel(Level.INFO);
        logger().addAppender(lines);
        health.start();
        looks(1);
    }

    @AfterEach
    void leavesNothingBehind() {
        logger().detachAppender(lines);
        health.close();
        assertThat(timer.stats()).noneMatch(task -> task.name().equals("redis-health"));
        redis.close();
        timer.close();
        threads.close();
        proxy.close();
        server.close();
        assertThat(threads.alive()).isZero();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(RedisHealth.class);
    }

    private void looks(int more) {
        var last = health.status().lookedAt();
        for (int i = 0; i < more; i++) {
            var before = last;
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> health.status().lookedAt() != null
                            && !health.status().lookedAt().equals(before));
            last = health.status().lookedAt();
        }
    }

    private void awaitStatus(Status status) {
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> health.health().status() == status);
    }

    private List<String> changes() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private List<Object> ask(String name, String... args) {
        Call call = new Call(64);
        for (String arg : args) {
            call.arg(arg);
        }
        return redis.await(redis.command(name, call));
    }

    @Test
    void tellsWhatOneWantsToKnowOfAHealthyRedis() {
        looks(2);
        RedisStatus status = health.status();

        assertThat(status.health().status()).isEqualTo(Status.UP);
        assertThat(status.health().reason()).isEmpty();
        assertThat(status.usedMemoryBytes()).isGreaterThan(100_000);
        assertThat(status.maxMemoryBytes()).isZero();
        assertThat(status.role()).isEqualTo("master");
        assertThat(status.replicas()).isZero();
        assertThat(status.primaryLinkUp()).isTrue();
        assertThat(status.persistence()).isEqualTo("off");
        assertThat(status.connectedClients()).isEqualTo(1);
        assertThat(status.evictedKeys()).isZero();
        assertThat(status.latency().count()).isGreaterThanOrEqualTo(2);
        assertThat(status.latency().ewmaMillis()).isPositive();
        assertThat(status.latency().p50Millis()).isPositive();
        assertThat(status.latency().p99Millis())
                .isBetween(status.latency().p50Millis(), status.latency().maxMillis());
    }

    @Test
    void aSlowRedisIsDegradedAndThenUpAgainWithoutFlapping() {
        proxy.delay(150); // each way
        awaitStatus(Status.DEGRADED);
        assertThat(health.health().reason()).contains("latency").contains("bound 100 ms");
        assertThat(health.health().consecutiveFailures()).isPositive();
        looks(4);
        assertThat(health.health().status()).isEqualTo(Status.DEGRADED);
        proxy.pass();
        awaitStatus(Status.UP);
        looks(5);

        assertThat(health.health().status()).isEqualTo(Status.UP);
        assertThat(health.health().consecutiveFailures()).isZero();
        assertThat(changes()).hasSize(2);
        assertThat(changes().get(0)).contains("health=DEGRADED was=UP");
        assertThat(changes().get(1)).contains("health=UP was=DEGRADED");
    }

    @Test
    void aKilledRedisIsDownAndRecoversByItself() {
        server.kill();
        awaitStatus(Status.DOWN);
        assertThat(health.health().reason()).contains("Redis at ").doesNotContain("***@***");
        assertThat(health.status().health()).isEqualTo(health.health());
        server.restart();
        awaitStatus(Status.UP);
        assertThat(changes()).hasSize(2);
    }

    @Test
    void aNearlyFullRedisIsDegradedUntilItHasRoom() {
        long limit = health.status().usedMemoryBytes() + (2 << 20);
        ask("CONFIG", "SET", "maxmemory", Long.toString(limit));
        long missing = limit * 93 / 100 - health.status().usedMemoryBytes();
        IntStream.range(0, (int) (missing >> 14)).forEach(i -> ask("HSET", "ballast", "f" + i, "x".repeat(16_000)));
        awaitStatus(Status.DEGRADED);
        assertThat(health.health().reason()).contains("of maxmemory " + limit).contains("bound 90 %");
        ask("DEL", "ballast");
        awaitStatus(Status.UP);
    }

    @Test
    void countsSlowCommandsSinceTheLastLookAndShowsTheSlowest() {
        ask("CONFIG", "SET", "slowlog-log-slower-than", "0");
        IntStream.range(0, 100).forEach(i -> ask("SET", "slow" + i, "y".repeat(500)));
        await().atMost(LONG).until(() -> health.status().slowSinceLast() > 0);
        RedisStatus status = health.status();
        assertThat(status.slowest()).isNotEmpty().hasSizeLessThanOrEqualTo(RedisHealth.SLOWEST_SHOWN);
        assertThat(status.slowest())
                .allSatisfy(slow -> assertThat(slow.text().length()).isLessThanOrEqualTo(RedisHealth.COMMAND_CHARS));
        ask("CONFIG", "SET", "slowlog-log-slower-than", "1000000");
        looks(3);
        assertThat(health.status().slowSinceLast()).isZero();
        assertThat(health.status().slowest()).isEmpty();
    }

    @Test
    void evictionsAndAReplicaWithoutItsPrimaryAreTold() {
        long limit = health.status().usedMemoryBytes() + (1 << 20);
        ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        ask("CONFIG", "SET", "maxmemory", Long.toString(limit));
        await().atMost(LONG).until(() -> {
            for (int i = 0; i < 20; i++) {
                ask("SET", "fill" + System.nanoTime(), "z".repeat(100_000));
            }
            return health.status().evictedSinceLast() > 0 && health.health().status() == Status.DEGRADED;
        });
        assertThat(health.health().reason()).contains("evicted").contains("memory");
        ask("CONFIG", "SET", "maxmemory", "0");
        awaitStatus(Status.UP);
        ask("REPLICAOF", "127.0.0.1", "1");
        awaitStatus(Status.DEGRADED);
        assertThat(health.health().reason()).contains("replica");
        assertThat(health.status().primaryLinkUp()).isFalse();
        ask("REPLICAOF", "NO", "ONE");
        awaitStatus(Status.UP);
    }
}
