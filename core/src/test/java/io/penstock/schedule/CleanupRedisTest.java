package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisExtension;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When clean-ups run, and that of many processes one does. What they forget is in CleanupTest. */
@ExtendWith(EmbeddedRedisExtension.class)
class CleanupRedisTest {
    private final ManualClock clock = new ManualClock();
    private final Threads threads = new Threads(100);
    private final Timer real = new Timer(Clock.system(), threads);
    private final List<Cleanup> cleanups = new ArrayList<>();
    private Redis redis;

    @BeforeEach
    void open(EmbeddedRedis server) {
        redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), real);
    }

    @AfterEach
    void close() {
        cleanups.forEach(Cleanup::close);
        redis.close();
        real.close();
        threads.close();
    }

    private Cleanup cleanup(int minutesFromNow) {
        Cleanup cleanup = new Cleanup(clock.timer(), threads, redis, Set::of, name -> {
            throw new AssertionError(name);
        });
        LocalTime now = Instant.ofEpochMilli(clock.millis())
                .atZone(ZoneId.systemDefault())
                .toLocalTime();
        cleanup.at(now.plusMinutes(minutesFromNow));
        cleanup.start();
        cleanups.add(cleanup);
        return cleanup;
    }

    private static void awaitRuns(Cleanup cleanup, int runs) {
        await().until(() -> !cleanup.busy() && cleanup.reports().size() == runs);
    }

    @Test
    void runsAtItsTimeOfEachDay() {
        Cleanup cleanup = cleanup(10);
        clock.advance(Duration.ofMinutes(9));
        assertThat(cleanup.busy()).isFalse();
        clock.advance(Duration.ofMinutes(2));
        awaitRuns(cleanup, 1);
        assertThat(cleanup.reports().get(0).reason()).isEqualTo("daily");
        clock.advance(Duration.ofHours(23));
        awaitRuns(cleanup, 1);
        clock.advance(Duration.ofHours(1));
        awaitRuns(cleanup, 2);
    }

    @Test
    void runsOnceAfterAMachineSleptOverIt() {
        clock.leap(Duration.ofDays(10)); // days that no other test claims
        Cleanup cleanup = cleanup(20);
        clock.leap(Duration.ofDays(3).plusHours(1));
        awaitRuns(cleanup, 1);
    }

    @Test
    void runsInOneProcessOfMany() {
        clock.leap(Duration.ofDays(30));
        Cleanup first = cleanup(5);
        Cleanup second = cleanup(5);
        clock.advance(Duration.ofMinutes(6));
        await().until(() -> !first.busy() && !second.busy());
        assertThat(first.reports().size() + second.reports().size()).isEqualTo(1);
    }

    @Test
    void runsByHandOnlyWhenItIsOff() {
        clock.leap(Duration.ofDays(60));
        Cleanup cleanup = cleanup(5);
        cleanup.at(null);
        clock.advance(Duration.ofDays(1));
        assertThat(cleanup.busy()).isFalse();
        assertThat(cleanup.runNow()).isTrue();
        awaitRuns(cleanup, 1);
        assertThat(cleanup.reports().get(0).reason()).isEqualTo("manual");
    }

    @Test
    void keepsABoundedNumberOfReports() {
        Cleanup cleanup = cleanup(600);
        for (int i = 0; i < Cleanup.MOST_REPORTS + 3; i++) {
            await().until(() -> !cleanup.busy());
            assertThat(cleanup.runNow()).isTrue();
        }
        awaitRuns(cleanup, Cleanup.MOST_REPORTS);
    }
}
