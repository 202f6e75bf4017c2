package io.penstock.bench.survival;

import io.penstock.Penstock;
import io.penstock.bench.survival.Shape.Work;
import io.penstock.job.Enqueued;
import io.penstock.job.JobSpec;
import io.penstock.queue.Queue;
import io.penstock.runtime.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** Keeps jobs waiting in Redis: as many as there would be if producers never stopped. */
final class Feed {
    /** More than any rule takes at once, and little enough for Redis to hold. */
    private static final int WAITING = 250;

    private static final int AT_ONCE = 25;
    private static final long LOOK_NANOS = 10_000_000;
    private static final long WAVE_NANOS = 1_000_000_000;
    private static final int WAVE = 120;

    private final Clock clock = Clock.system();
    private final Queue queue;
    private final Shape shape;
    private final Random random;
    private long added;

    Feed(Penstock penstock, Shape shape, long seed) {
        this.queue = penstock.serve(Job.QUEUE);
        this.shape = shape;
        this.random = new Random(seed);
    }

    long added() {
        return added;
    }

    /** Adds jobs until this time; the second half of the shape begins in the middle. */
    void until(long startNanos, long endNanos) {
        long wave = startNanos;
        while (clock.nanos() - endNanos < 0) {
            boolean late = clock.nanos() - startNanos > (endNanos - startNanos) / 2;
            if (shape == Shape.WAVES) {
                if (clock.nanos() - wave >= 0) {
                    add(WAVE, late);
                    wave += WAVE_NANOS;
                }
            } else {
                long waiting = queue.counts().waiting();
                while (waiting < WAITING) {
                    add(AT_ONCE, late);
                    waiting += AT_ONCE;
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    void add(int jobs, boolean late) {
        List<CompletionStage<Enqueued>> answers = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            answers.add(queue.enqueueAsync(spec(shape.next(random, late))));
        }
        for (CompletionStage<Enqueued> answer : answers) {
            if (!(answer.toCompletableFuture().join() instanceof Enqueued.Accepted)) {
                throw new IllegalStateException("a job was not accepted: "
                        + answer.toCompletableFuture().join());
            }
            added++;
        }
    }

    private static JobSpec spec(Work work) {
        byte[] filling = new byte[work.payload() * 3 / 4]; // a third longer in JSON
        return Job.type(work.type()).spec(new Job(work.live(), work.chunk(), work.churn(), work.millis(), filling));
    }
}
