package io.penstock.memory.optimise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** An optimiser whose clock, gauge and collector a test turns. */
final class House implements AutoCloseable {
    static final long MB = 1 << 20;

    final ManualClock clock = new ManualClock();
    final Timer timer = clock.timer();
    final Threads threads = new Threads(16);
    final TurnedGauge gauge = new TurnedGauge();
    final ToldCollector collector = new ToldCollector(clock, gauge.live::get);
    final Optimiser optimiser;

    House() {
        this(OptimiserPolicy.defaults());
    }

    House(OptimiserPolicy policy) {
        gauge.live.set(500 * MB);
        gauge.used = 700 * MB;
        optimiser = new Optimiser(gauge, collector, policy, timer, threads);
        optimiser.start();
    }

    /** A step that lets go of what it is told to. */
    Step freeing(String name, long bytes) {
        return step(name, () -> {
            gauge.live.addAndGet(-bytes);
            return bytes;
        });
    }

    static Step step(String name, Callable<Long> work) {
        return new Step() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Kind kind() {
                return Kind.CACHES;
            }

            @Override
            public long run(double share) throws Exception {
                return work.call();
            }
        };
    }

    /** Runs to the report, moving the clock while it lasts. */
    Optimisation run(Request request) {
        CompletableFuture<Optimisation> report = optimiser.optimise(request).toCompletableFuture();
        await().pollInterval(Duration.ofMillis(2)).until(() -> {
            if (!report.isDone()) {
                clock.advance(Duration.ofMillis(200));
            }
            return report.isDone();
        });
        settle();
        return report.join();
    }

    OptimisationRefused refused(Request request) {
        try {
            optimiser.optimise(request).toCompletableFuture().get(60, TimeUnit.SECONDS);
            throw new AssertionError(request + " was not refused");
        } catch (Exception failed) {
            Throwable cause =
                    failed instanceof CompletionException || failed.getCause() != null ? failed.getCause() : failed;
            assertThat(cause).isInstanceOf(OptimisationRefused.class);
            return (OptimisationRefused) cause;
        }
    }

    /** Waits until the thread of the last run has ended. */
    void settle() {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> threads.alive() == optimiser.stats().hanging());
    }

    @Override
    public void close() {
        optimiser.close();
        threads.close();
    }
}
