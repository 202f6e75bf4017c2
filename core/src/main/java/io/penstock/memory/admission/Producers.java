package io.penstock.memory.admission;

import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Whether producers of this process are refused: consumers drain the queue and are only throttled, producers fill memory
 * and the queue, so theirs is a line of its own, a little above that of jobs.
 *
 * <p>Two collections in a row must have left too much, because one of G1's young ones may leave much old garbage. The
 * news lasts 2 s: if producers were all that allocated, no collection would tell that it is better now.
 *
 * <p>Threads: told by one at a time, asked by anybody.
 */
final class Producers {
    private static final double ABOVE = 0.10;
    private static final double MOST = 0.95;
    private static final Duration LASTS = Duration.ofSeconds(2);

    private final double line;
    private final Clock clock;
    private final AtomicLong refused = new AtomicLong();
    private int over;
    private long untilNanos;
    private volatile @Nullable Pressure pressure;

    Producers(double jobsLine, Clock clock) {
        this.line = Math.min(MOST, jobsLine + ABOVE);
        this.clock = clock;
    }

    void collected(double leftShare) {
        over = leftShare > line ? over + 1 : 0;
        if (over >= 2) {
            untilNanos = clock.nanos() + LASTS.toNanos();
            pressure = new Pressure(leftShare, line, LASTS);
        } else if (over == 0) {
            pressure = null;
        }
    }

    @Nullable
    Pressure pressure() {
        Pressure now = pressure;
        if (now == null) {
            return null;
        }
        if (clock.nanos() - untilNanos >= 0) {
            pressure = null;
            return null;
        }
        refused.incrementAndGet();
        return now;
    }

    long refused() {
        return refused.get();
    }
}
