package io.penstock.memory.trend;

import java.util.Arrays;

/**
 * Finds the floors of the live set among what collections leave behind.
 *
 * <p>What is in use after a young collection is live objects and old garbage: a saw-tooth that climbs until the old
 * generation is collected. Only its low points say something of the live set. A collection of the whole heap is a low
 * point by itself; any other is one if use fell to it by a real fall and has risen again by half of that fall, so that a
 * fall that still goes on is not cut short.
 *
 * <p>Bound: {@value #NOISE} numbers. Threads: one.
 */
final class ValleyFinder {
    /** A fall below this share of the heap is a survivor space breathing; from simulations with G1's saw-tooth. */
    static final double LEAST_FALL_SHARE = 0.04;

    /** How many times the usual step from one collection to the next a fall must be. */
    static final int STEPS = 3;

    private static final int NOISE = 32;

    private final long leastFall;
    private final long[] steps = new long[NOISE];
    private final long[] sorted = new long[NOISE];
    private int seen;
    private long last;
    private long peak;
    private long low;
    private long lowNanos;
    private boolean fallen;
    private long floor;
    private long floorNanos;

    ValleyFinder(long maxBytes) {
        leastFall = (long) (maxBytes * LEAST_FALL_SHARE);
    }

    /** Adds what one collection left; true = {@link #floor} is a new one. */
    boolean add(long nanos, long usedAfter, boolean wholeHeap) {
        if (wholeHeap) {
            floor = usedAfter;
            floorNanos = nanos;
            begin(nanos, usedAfter);
            last = usedAfter;
            return true;
        }
        if (seen == 0) {
            begin(nanos, usedAfter);
        } else {
            steps[(seen - 1) % NOISE] = Math.abs(usedAfter - last);
        }
        seen = seen == 2 * NOISE ? NOISE + 1 : seen + 1;
        last = usedAfter;
        return follow(nanos, usedAfter);
    }

    private boolean follow(long nanos, long used) {
        if (!fallen && used > peak) {
            begin(nanos, used);
        }
        if (used < low) {
            low = used;
            lowNanos = nanos;
            fallen |= peak - low >= Math.max(leastFall, STEPS * usualStep());
        }
        if (!fallen || used - low < (peak - low) / 2) {
            return false;
        }
        floor = low;
        floorNanos = lowNanos;
        begin(nanos, used);
        return true;
    }

    private void begin(long nanos, long used) {
        peak = used;
        low = used;
        lowNanos = nanos;
        fallen = false;
    }

    private long usualStep() {
        int n = Math.min(seen - 1, NOISE);
        if (n <= 0) {
            return 0;
        }
        System.arraycopy(steps, 0, sorted, 0, n);
        Arrays.sort(sorted, 0, n);
        return sorted[n / 2];
    }

    long floor() {
        return floor;
    }

    long floorNanos() {
        return floorNanos;
    }
}
