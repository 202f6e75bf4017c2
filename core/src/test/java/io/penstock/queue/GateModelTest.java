package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The histories of {@link QueueModelTest} with groups, keys and limits at random; the same properties replay and lengthen them. */
final class GateModelTest {
    private static final int STEPS = 200;
    private static final int LOSS_STEPS = 60;
    private static final long OPERATIONS = Long.getLong("penstock.model.operations", 60_000);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsEveryLimitAndLeavesNobodyWaitingWhoHasRoom(boolean bundled) throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                .preferBundled(bundled)
                .persistence(false)
                .start()) {
            histories(server.uri(), "takes", OPERATIONS / STEPS, (redis, seed) -> fault(redis, seed, false));
        }
    }

    @Test
    void changesNothingWhenEveryScriptIsSentTwice() throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                        .persistence(false)
                        .unixSocket(false)
                        .start();
                TwiceProxy proxy = new TwiceProxy(server.uri())) {
            histories(proxy.uri(), "sends twice", OPERATIONS / STEPS / 10, (redis, seed) -> fault(redis, seed, true));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mendsWhatLostKeysLeaveBehind(boolean bundled) throws Exception {
        try (EmbeddedRedis server = EmbeddedRedis.builder()
                .preferBundled(bundled)
                .persistence(false)
                .start()) {
            histories(server.uri(), "loses keys", OPERATIONS / 400, GateModelTest::lossFault);
        }
    }

    private static void histories(String uri, String what, long count, BiFunction<Redis, Long, String> history)
            throws Exception {
        try (Threads threads = new Threads(8);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(uri), Clock.system(), timer)) {
            long base = System.nanoTime() & 0xFFFFFFFFFFL;
            Long replay = Long.getLong("penstock.model.seed");
            System.out.println("GateModelTest " + what + " from seed " + (replay == null ? base : replay));
            if (replay != null) {
                assertThat(history.apply(redis, replay)).isNull();
                return;
            }
            QueueModelTest.histories(base, count, seed -> history.apply(redis, seed));
        }
    }

    private static String fault(Redis redis, long seed, boolean twice) {
        List<Step> steps = Step.random(seed, STEPS);
        String name = "g" + Long.toString(seed, 36);
        if (run(redis, name, steps, twice) == null) {
            return null;
        }
        List<Step> least = Shrink.of(steps, part -> run(redis, name, part, twice) != null);
        ModelRun last = new ModelRun(redis, name, twice, true);
        String fault = last.run(least);
        QueueModelTest.wipe(redis, last);
        return "seed " + seed + ":\n" + last.story() + "\n" + fault;
    }

    private static String run(Redis redis, String name, List<Step> steps, boolean twice) {
        ModelRun run = new ModelRun(redis, name, twice, true);
        try {
            return run.run(steps);
        } finally {
            QueueModelTest.wipe(redis, run);
        }
    }

    private static String lossFault(Redis redis, long seed) {
        String name = "h" + Long.toString(seed, 36);
        String fault = loss(redis, name, seed, Step.random(seed, LOSS_STEPS));
        if (fault == null) {
            return null;
        }
        List<Step> least = Shrink.of(Step.random(seed, LOSS_STEPS), part -> loss(redis, name, seed, part) != null);
        return "seed " + seed + ":\n" + loss(redis, name, seed, least);
    }

    private static String loss(Redis redis, String name, long seed, List<Step> steps) {
        ModelRun run = new ModelRun(redis, name, false, true);
        try {
            String before = run.run(steps);
            String fault = new KeyLoss(redis, run.store()).fault(new Random(seed));
            return fault == null ? null : run.story() + (before == null ? "" : before) + "\n" + fault;
        } finally {
            QueueModelTest.wipe(redis, run);
        }
    }
}
