package io.penstock.memory;

import java.time.Duration;

/**
 * What watching costs, and whether the process can afford it now.
 *
 * <p>Below a minute it does not change its mind, so it does not swing.
 *
 * <p>Threads: its monitor locks.
 */
final class Overhead {
    /** Above a quarter of the time in pauses, every byte and microsecond belongs to the program. */
    static final double DEAREST_COLLECTOR = 0.25;
    /** A sample of 0.1 ms each second is 0.01 %; fifty times that is a fault. */
    static final double DEAREST_SELF = 0.005;

    private static final long REST_NANOS = Duration.ofSeconds(60).toNanos();
    private static final double WEIGHT = 0.2; // the last dozen samples

    private MonitorMode mode = MonitorMode.FULL;
    private long sinceNanos;
    private double sampleNanos;
    private long longestNanos;
    private long samples;

    void took(long nanos) {
        samples++;
        longestNanos = Math.max(longestNanos, nanos);
        // the first one loads classes, which it will not do again
        sampleNanos = samples <= 2 ? nanos : sampleNanos + WEIGHT * (nanos - sampleNanos);
    }

    MonitorMode decide(double collectorShare, long intervalNanos, long nowNanos) {
        boolean dear =
                collectorShare > DEAREST_COLLECTOR || (samples > 2 && sampleNanos > DEAREST_SELF * intervalNanos);
        if (mode == MonitorMode.FULL && dear) {
            mode = MonitorMode.BASIC;
            sinceNanos = nowNanos;
        } else if (mode == MonitorMode.BASIC
                && nowNanos - sinceNanos >= REST_NANOS
                && collectorShare < DEAREST_COLLECTOR / 2) {
            mode = MonitorMode.FULL;
            samples = 1; // judged anew by what it costs from now on
        }
        return mode;
    }

    MonitorMode mode() {
        return mode;
    }

    double sampleMicros() {
        return sampleNanos / 1_000;
    }

    double longestMicros() {
        return longestNanos / 1_000.0;
    }
}
