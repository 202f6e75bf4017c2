package io.penstock.queue;

import static org.assertj.core.api.Assertions.assertThat;

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

/**
 * Random histories against a reference. The seed is printed; {@code -Dpenstock.model.seed=N} replays one run,
 * {@code -Dpenstock.model.operations=N} makes it longer. A failing history is shortened before it is told.
 *
 * @param test whose they are, for what is printed
 * @param gated whether groups, keys and limits are in them
 */
record Histories(String test, boolean gated) {
    static final int STEPS = 200;
    private static final int LOSS_STEPS = 60;
    private static final int RUNNERS = 3;

    /** Runs so many that are like their reference, or, with {@code twice}, whose every script is sent twice. */
    void behave(String uri, String where, long count, boolean twice) throws Exception {
        each(uri, where, count, (redis, seed) -> fault(redis, seed, twice));
    }

    /** Runs so many that lose keys at their end, which fsck then has to mend. */
    void loseKeys(String uri, String where, long count) throws Exception {
        each(uri, where, count, this::lossFault);
    }

    private interface History {
        String fault(Redis redis, long seed);
    }

    private void each(String uri, String where, long count, History history) throws Exception {
        try (Threads threads = new Threads(8);
                Timer timer = new Timer(Clock.system(), threads);
                Redis redis = Redis.connect(RedisConfig.of(uri), Clock.system(), timer)) {
            long base = System.nanoTime() & 0xFFFFFFFFFFL;
            Long replay = Long.getLong("penstock.model.seed");
            System.out.println(test + " " + where + " from seed " + (replay == null ? base : replay));
            if (replay != null) {
                assertThat(history.fault(redis, replay)).isNull();
                return;
            }
            run(base, count, seed -> history.fault(redis, seed));
        }
    }

    private static void run(long base, long count, LongFunction<String> history) throws Exception {
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
    private String fault(Redis redis, long seed, boolean twice) {
        List<Step> steps = Step.random(seed, STEPS);
        String name = (gated ? "g" : "m") + Long.toString(seed, 36);
        if (run(redis, name, steps, twice) == null) {
            return null;
        }
        List<Step> least = Shrink.of(steps, part -> run(redis, name, part, twice) != null);
        ModelRun last = new ModelRun(redis, name, twice, gated);
        String fault = last.run(least);
        wipe(redis, last);
        return "seed " + seed + ":\n" + last.story() + "\n" + fault;
    }

    private String run(Redis redis, String name, List<Step> steps, boolean twice) {
        ModelRun run = new ModelRun(redis, name, twice, gated);
        try {
            return run.run(steps);
        } finally {
            wipe(redis, run);
        }
    }

    private String lossFault(Redis redis, long seed) {
        String name = (gated ? "h" : "l") + Long.toString(seed, 36);
        String fault = loss(redis, name, seed, Step.random(seed, LOSS_STEPS));
        if (fault == null) {
            return null;
        }
        List<Step> least = Shrink.of(Step.random(seed, LOSS_STEPS), part -> loss(redis, name, seed, part) != null);
        return "seed " + seed + ":\n" + loss(redis, name, seed, least);
    }

    private String loss(Redis redis, String name, long seed, List<Step> steps) {
        ModelRun run = new ModelRun(redis, name, false, gated);
        try {
            String before = run.run(steps);
            String fault = new KeyLoss(redis, run.store()).fault(new Random(seed));
            return fault == null ? null : run.story() + (before == null ? "" : before) + "\n" + fault;
        } finally {
            wipe(redis, run);
        }
    }

    private static void wipe(Redis redis, ModelRun run) {
        String script = "local k = redis.call('KEYS', ARGV[1]) for i = 1, #k do redis.call('DEL', k[i]) end return 1";
        redis.await(redis.command(
                "EVAL", new Call(256).arg(script).arg(0).arg(run.store().keys().prefix() + "*")));
    }
}
