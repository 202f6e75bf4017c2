package io.penstock.memory;

import java.time.Duration;
import java.util.Arrays;

/**
 * The share of the last minute in which the program stood still for its collector, in buckets of a second.
 *
 * <p>A pause counts at the moment it was told of. Before a minute is over, the time not yet lived counts as calm.
 *
 * <p>Threads: its monitor locks.
 */
final class PauseShare {
    private static final int SECONDS = 60;
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    private final long[] millis = new long[SECONDS];
    private long second = Long.MIN_VALUE; // of the newest bucket

    void paused(long nowNanos, long pauseMillis) {
        turnTo(nowNanos);
        millis[Math.floorMod(second, SECONDS)] += pauseMillis;
    }

    /** Returns 0 to 1. */
    double share(long nowNanos) {
        turnTo(nowNanos);
        long sum = 0;
        for (long each : millis) {
            sum += each;
        }
        return Math.min(1, sum / (SECONDS * 1_000.0));
    }

    private void turnTo(long nowNanos) {
        long now = Math.floorDiv(nowNanos, SECOND_NANOS);
        if (now - SECONDS >= second) {
            Arrays.fill(millis, 0);
            second = now;
        }
        while (second < now) {
            second++;
            millis[Math.floorMod(second, SECONDS)] = 0;
        }
    }
}
