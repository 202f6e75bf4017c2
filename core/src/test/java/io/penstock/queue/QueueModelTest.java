package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories against a reference. The seed is printed; {@code -Dpenstock.model.seed=N} replays one run,
 * {@code -Dpenstock.model.operations=N} makes it longer. A failing history is shortened before it is told.
 */
final class QueueModelTest {
    private static final int STEPS = 200;
    private static final int LOSS_STEPS = 60;
    private static final long LOSSES = Long.getLong("penstock.model.operations", 110_000) / 500;
    private static final int RUNNERS = 3;
    private static final long OPERATIONS = Long.getLong("penstock.model.operations", 110_000);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void behavesLikeItsReference(boolean bundled) throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .preferBundled(bundled)
                        .persistence(false)
                        .start();
                Threads threads = new Threads(8);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer)) {
            long base = System.nanoTime() & 0xFFFFFFFFFFL;
            Long replay = Long.getLong("penstock.model.seed");
            System.out.println(
                    "QueueModelTest on " + server.version() + " from seed " + (replay == null ? base : replay));
            if (replay != null) {
                assertThat(fault(redis, replay, false)).isNull();
                return;
            }
            histories(base, OPERATIONS / STEPS, seed -> fault(redis, seed, false));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mendsWhatLostKeysLeaveBehind(boolean bundled) throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .preferBundled(bundled)
                        .persistence(false)
                        .start();
                Threads threads = new Threads(8);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer)) {
            long base = System.nanoTime() & 0xFFFFFFFFFFL;
            Long replay = Long.getLong("penstock.model.seed");
            System.out.println("QueueModelTest on " + server.version() + " loses keys from seed "
                    + (replay == null ? base : replay));
            if (replay != null) {
                assertThat(lossFault(redis, replay)).isNull();
                return;
            }
            histories(base, LOSSES, seed -> lossFault(redis, seed));
        }
    }

    @Test
    void changesNothingWhenEveryScriptIsSentTwice() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .persistence(false)
                        .unixSocket(false)
                        .start();
                TwiceProxy proxy = new TwiceProxy(server.uri());
                Threads threads = new Threads(8);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(proxy.uri()), Clock.system(), timer)) {
            long base = System.nanoTime() & 0xFFFFFFFFFFL;
            Long replay = Long.getLong("penstock.model.seed");
            System.out.println("QueueModelTest on " + server.version() + " sends twice from seed "
                    + (replay == null ? base : replay));
            if (replay != null) {
                assertThat(fault(redis, replay, true)).isNull();
                return;
            }
            histories(base, OPERATIONS / STEPS / 15, seed -> fault(redis, seed, true));
        }
    }

    private static String lossFault(Redis redis, long seed) {
        String name = "l" + Long.toString(seed, 36);
        String fault = loss(redis, name, seed, Step.random(seed, LOSS_STEPS));
        if (fault == null) {
            return null;
        }
        List<Step> least = Shrink.of(Step.random(seed, LOSS_STEPS), part -> loss(redis, name, seed, part) != null);
        return "seed " + seed + ":\n" + loss(redis, name, seed, least);
    }

    private static String loss(Redis redis, String name, long seed, List<Step> steps) {
        ModelRun run = new ModelRun(redis, name, false);
        try {
            String before = run.run(steps);
            String fault = new KeyLoss(redis, run.store()).fault(new Random(seed));
            return fault == null ? null : run.story() + (before == null ? "" : before) + "\n" + fault;
        } finally {
            wipe(redis, run);
        }
    }

    static void histories(long base, long count, LongFunction<String> history) throws Exception {
        AtomicLong left = new AtomicLong(count);
        ExecutorService runners = Executors.newFixedThreadPool(RUNNERS);
        try {
            List<Future<String>> faults = new ArrayList<>();
            for (int i = 0; i < RUNNERS; i++) {
                faults.add(runners.submit(() -> {
                    String fault = null;
                    for (long n; fault == null && (n = left.getAndDecrement()) > 0; ) {
                        fault = history.apply(base + n);
                    }
                    left.set(0);
                    return fault;
                }));
            }
            for (Future<String> fault : faults) {
                assertThat(fault.get()).isNull();
            }
        } finally {
            runners.shutdownNow();
        }
    }

    /** Runs the history of a seed; null, or the shortest story that still goes wrong. */
    private static String fault(Redis redis, long seed, boolean twice) {
        List<Step> steps = Step.random(seed, STEPS);
        String name = "m" + Long.toString(seed, 36);
        if (run(redis, name, steps, twice) == null) {
            return null;
        }
        List<Step> least = Shrink.of(steps, part -> run(redis, name, part, twice) != null);
        ModelRun last = new ModelRun(redis, name, twice);
        String fault = last.run(least);
        wipe(redis, last);
        return "seed " + seed + ":\n" + last.story() + "\n" + fault;
    }

    private static String run(Redis redis, String name, List<Step> steps, boolean twice) {
        ModelRun run = new ModelRun(redis, name, twice);
        try {
            return run.run(steps);
        } finally {
            wipe(redis, run);
        }
    }

    static void wipe(Redis redis, ModelRun run) {
        String script = "local k = redis.call('KEYS', ARGV[1]) for i = 1, #k do redis.call('DEL', k[i]) end return 1";
        redis.await(redis.command(
                "EVAL", new Call(256).arg(script).arg(0).arg(run.store().keys().prefix() + "*")));
    }
}
