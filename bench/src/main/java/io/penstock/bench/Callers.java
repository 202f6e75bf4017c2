package io.penstock.bench;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * So many threads that ask at a fixed pace each, and how long after its time each answer came, the wait for a connection
 * included. Who is late asks at once, and the time that it should have asked counts: a slow answer must not hide the
 * questions that it held up.
 */
final class Callers {
    /** Longer waits count as this one. */
    private static final long LONGEST_MICROS = Duration.ofMinutes(1).toNanos() / 1_000;

    private static final long LOOK_MILLIS = 1;
    private static final Clock CLOCK = Clock.system();

    private Callers() {}

    /** How many ask, how often each, for how long. */
    record Load(int callers, Duration every, Duration span) {}

    /** What a caller does once. */
    interface Operation {
        void run() throws Exception;
    }

    /** What came of it; millis. */
    record Outcome(
            long answered, long failed, int mostWaiting, double p50, double p99, double longest, double seconds) {
        double perSecond() {
            return answered / seconds;
        }
    }

    /** Has each of them ask once an interval for so long; {@code waiting} is looked at every millisecond. */
    static Outcome run(Load load, IntSupplier waiting, Operation operation) throws InterruptedException {
        Histogram took = new ConcurrentHistogram(LONGEST_MICROS, 3);
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(load.callers);
        long[] begin = new long[1]; // written before the gate opens
        int mostWaiting = 0;
        try (Threads threads = new Threads(load.callers)) {
            for (int i = 0; i < load.callers; i++) {
                long phase = load.every.toNanos() * i / load.callers;
                threads.startLight("caller-" + i, () -> {
                    try {
                        go.await();
                        ask(begin[0] + phase, load, operation, took, failed);
                    } catch (InterruptedException ends) {
                        Thread.currentThread().interrupt();
                    } finally {
                        done.countDown();
                    }
                });
            }
            begin[0] = CLOCK.nanos();
            go.countDown();
            while (!done.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                mostWaiting = Math.max(mostWaiting, waiting.getAsInt());
            }
        }
        double seconds = (CLOCK.nanos() - begin[0]) / 1e9;
        return new Outcome(
                took.getTotalCount(),
                failed.get(),
                mostWaiting,
                took.getValueAtPercentile(50) / 1e3,
                took.getValueAtPercentile(99) / 1e3,
                took.getMaxValue() / 1e3,
                seconds);
    }

    private static void ask(long first, Load load, Operation operation, Histogram took, AtomicInteger failed)
            throws InterruptedException {
        long end = first + load.span.toNanos();
        for (long due = first; due - end < 0; due += load.every.toNanos()) {
            for (long left = due - CLOCK.nanos(); left > 0; left = due - CLOCK.nanos()) {
                LockSupport.parkNanos(left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            try {
                operation.run();
                took.recordValue(Math.min(LONGEST_MICROS, (CLOCK.nanos() - due) / 1_000));
            } catch (InterruptedException ends) {
                throw ends;
            } catch (Exception refused) {
                failed.incrementAndGet();
            }
        }
    }
}
