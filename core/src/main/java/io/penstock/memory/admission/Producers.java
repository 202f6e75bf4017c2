package io.penstock.memory.admission;

import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Whether producers of this process are slowed or refused: consumers drain the queue and are only throttled, producers
 * fill memory and the queue, so theirs is a line of its own, a little above that of jobs.
 *
 * <p>They are slowed first: once the least that the last {@value #LATEST} collections left is over the jobs' line, those that wait for
 * their answer wait a little longer, from 0 up to {@link #MOST_HELD_BACK} at the producers' line. They are refused once
 * two collections in a row have left more than that: one alone of G1's young ones may leave much old garbage. Either
 * lasts 2 s: if producers were all that allocated, no collection would tell that it is better now.
 *
 * <p>Threads: told by one at a time, asked by anybody.
 */
final class Producers {
    /** A pause that a person at a keyboard does not take for a fault, and that brings a loop down to four jobs a second. */
    static final Duration MOST_HELD_BACK = Duration.ofMillis(250);

    private static final int LATEST = 4;
    private static final double ABOVE = 0.10;
    private static final double MOST = 0.95;
    private static final Duration LASTS = Duration.ofSeconds(2);

    private final Clock clock;
    private final AtomicLong refused = new AtomicLong();
    private final double[] latest = new double[LATEST];
    private int seen;
    private int over;
    private volatile double jobsLine;
    private volatile double line;
    private volatile long untilNanos;
    private volatile long holdBackNanos;
    private volatile @Nullable Pressure pressure;

    Producers(Clock clock) {
        this.clock = clock;
        this.untilNanos = clock.nanos();
    }

    void line(double ofJobs) {
        jobsLine = ofJobs;
        line = Math.min(MOST, ofJobs + ABOVE);
    }

    void collected(double leftShare) {
        latest[seen++ % LATEST] = leftShare;
        holdBackNanos = seen < LATEST ? 0 : (long) (MOST_HELD_BACK.toNanos() * depth());
        over = leftShare > line ? over + 1 : 0;
        untilNanos = clock.nanos() + LASTS.toNanos();
        if (over >= 2) {
            pressure = new Pressure(leftShare, line, LASTS);
        } else if (over == 0) {
            pressure = null;
        }
    }

    /** How far the least of the latest is on the way from the jobs' line to the producers', 0 to 1. */
    private double depth() {
        double least = 1;
        for (double each : latest) {
            least = Math.min(least, each);
        }
        return Math.max(0, Math.min(1, (least - jobsLine) / Math.max(0.01, line - jobsLine)));
    }

    @Nullable
    Pressure pressure() {
        Pressure now = pressure;
        if (now == null) {
            return null;
        }
        if (stale()) {
            pressure = null;
            return null;
        }
        refused.incrementAndGet();
        return now;
    }

    private boolean stale() {
        return clock.nanos() - untilNanos >= 0;
    }

    /** How long one that waits for its answer is to be held back, 0 to {@link #MOST_HELD_BACK}. */
    long holdBackNanos() {
        long nanos = holdBackNanos;
        return nanos > 0 && stale() ? 0 : nanos;
    }

    long refused() {
        return refused.get();
    }
}
