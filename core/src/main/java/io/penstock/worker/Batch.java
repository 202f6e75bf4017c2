package io.penstock.worker;

import io.penstock.queue.LeasedJob;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The jobs of one take that wait here for a runner; claiming one costs one atomic increment. */
final class Batch {
    final Hold hold;
    final long arrivedNanos;
    private final @Nullable Run[] runs;
    private final long bytes;
    private final AtomicInteger claimed = new AtomicInteger();

    /** Makes all runs at once: if memory is too short for them, that shows here and not between a claim and its run. */
    Batch(Hold hold, List<LeasedJob> jobs, long arrivedNanos) {
        this.hold = hold;
        this.arrivedNanos = arrivedNanos;
        this.runs = new Run[jobs.size()];
        long sum = 0;
        for (int i = 0; i < runs.length; i++) {
            LeasedJob job = jobs.get(i);
            sum += job.size();
            runs[i] = new Run(job, hold, hold.intake.permit(job));
        }
        this.bytes = sum;
    }

    /** Claims the next run; null = none is left. */
    @Nullable
    Run claim() {
        if (claimed.get() >= runs.length) {
            return null; // so that the counter cannot run over, however often an empty batch is asked
        }
        int i = claimed.getAndIncrement();
        if (i >= runs.length) {
            return null;
        }
        Run run = runs[i];
        runs[i] = null; // a batch outlives its first jobs, their payloads need not
        return run;
    }

    int size() {
        return runs.length;
    }

    long bytes() {
        return bytes;
    }

    int left() {
        return Math.max(0, runs.length - claimed.get());
    }
}
