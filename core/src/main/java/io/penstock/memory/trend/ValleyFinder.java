package io.penstock.memory.trend;

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

    /** How many times the usual deviation of a step from the usual step a fall must be. */
    static final int DEVIATIONS = 3;

    private static final int NOISE = 32;

    private final double leastFall;
    private final double[] steps = new double[NOISE];
    private final double[] scratch = new double[NOISE];
    private int seen;
    private long last;
    private long peak;
    private long low;
    private long lowNanos;
    private boolean fallen;
    private long floor;
    private long floorNanos;

    ValleyFinder(long maxBytes) {
        leastFall = maxBytes * LEAST_FALL_SHARE;
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
            steps[(seen - 1) % NOISE] = usedAfter - last;
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
            fallen |= peak - low >= Math.max(leastFall, DEVIATIONS * usualDeviation());
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

    /** Returns the median absolute deviation of the steps: a steady climb, however steep, is no noise. */
    private double usualDeviation() {
        int n = Math.min(seen - 1, NOISE);
        if (n <= 0) {
            return 0;
        }
        System.arraycopy(steps, 0, scratch, 0, n);
        double usual = Rank.median(scratch, n);
        for (int i = 0; i < n; i++) {
            scratch[i] = Math.abs(steps[i] - usual);
        }
        return Rank.median(scratch, n);
    }

    long floor() {
        return floor;
    }

    long floorNanos() {
        return floorNanos;
    }
}
