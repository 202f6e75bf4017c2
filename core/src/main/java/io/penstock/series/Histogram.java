package io.penstock.series;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Percentiles of whole numbers that come from many threads, such as milliseconds, since somebody last asked.
 *
 * <p>Numbers below 16 are exact, those above are told at most a sixteenth too high, those above 2^27 (37 hours in
 * milliseconds) are that. Bound: {@value #BUCKETS} counters, under 2 KB. Recording allocates nothing. Threads: safe; a
 * number is counted once, before or after a {@link #take} that runs meanwhile.
 */
public final class Histogram {
    /** Sixteen below 16, then sixteen for each doubling. */
    private static final int BUCKETS = 16 + 23 * 16;

    /** Bytes that one holds. */
    public static final int BYTES = 16 + 16 + 16 + BUCKETS * Integer.BYTES;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);

    /** Makes an empty one. */
    public Histogram() {}

    /** Counts one; negative numbers, which clocks of two machines give, count as 0. */
    public void record(long number) {
        counts.incrementAndGet(bucket(Math.max(0, number)));
    }

    /**
     * Takes all that was counted and forgets it; one caller at a time.
     *
     * @param shares ascending, each above 0 and at most 1
     * @param into for each share the number that so large a share of all stayed at or below; {@code NaN} if there is none
     * @param at where the first of them goes
     */
    public void take(double[] shares, double[] into, int at) {
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            all += counts.get(i);
        }
        for (int i = 0; i < shares.length; i++) {
            into[at + i] = Double.NaN;
        }
        long seen = 0;
        int next = 0;
        for (int i = 0; i < BUCKETS && all > 0; i++) {
            seen += counts.getAndSet(i, 0);
            while (next < shares.length && seen >= Math.ceil(shares[next] * all)) {
                into[at + next++] = most(i);
            }
        }
    }

    private static int bucket(long number) {
        if (number < 16) {
            return (int) number;
        }
        int doubling = 59 - Long.numberOfLeadingZeros(number); // 0 for 16..31
        int part = (int) (number >>> doubling) - 16;
        return Math.min(BUCKETS - 1, 16 + doubling * 16 + part);
    }

    /** The greatest number that falls into it. */
    private static double most(int bucket) {
        if (bucket < 16) {
            return bucket;
        }
        int doubling = (bucket - 16) / 16;
        return (double) ((bucket - 16) % 16 + 17) * (1L << doubling) - 1;
    }
}
