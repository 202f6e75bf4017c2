package io.penstock.memory.admission;

import java.util.Arrays;

/**
 * What collections tell of the bytes that jobs do not account for (the base), and of the share of what jobs allocate
 * that stays (the garbage discount).
 *
 * <p>Threads: guarded by the load line.
 */
final class LiveSet {
    private static final int BASES = 256;
    private static final int DISCOUNTS = 32;

    /** Never believed: some of what a job allocates is always alive. */
    private static final double LEAST_DISCOUNT = 0.1;

    /** Above 1: a base taken too low is paid for here, and large arrays take whole regions. */
    private static final double MOST_DISCOUNT = 1.05;

    /** Good news is believed slowly: a fall of 1 % a collection. */
    private static final double FALL = 0.99;

    /** For jobs that hold a tenth of what they allocate 1 % is too slow: they stayed at a third of the best for 5 s. */
    private static final double FALL_IF_CLEAR = 0.95;

    /** Less than this in flight says nothing about a share of it. */
    private static final double TELLING = 0.02;

    private final long[] bases = new long[BASES];
    private final double[] discounts = new double[DISCOUNTS];
    private final double[] sorted = new double[DISCOUNTS];
    private final long heapBytes;
    private int basesSeen;
    private int discountsSeen;
    private long base;
    private double discount = 1;
    private double leftShare;

    LiveSet(long heapBytes, long usedNow) {
        this.heapBytes = heapBytes;
        this.base = Math.min(usedNow, heapBytes / 4); // with garbage; the first collection says better
    }

    /**
     * Takes in what a collection left.
     *
     * @param payloads bytes of records in hand
     * @param allocated bytes that running jobs have allocated so far
     * @param foreseen bytes that they are foreseen to allocate in all
     */
    void collected(long left, long payloads, long allocated, long foreseen) {
        leftShare = (double) left / heapBytes;
        // without what jobs have allocated: under a steady load jobs always hold something, and counted twice, as base
        // and as promise, it costs half of the throughput (seen: 31 % instead of 90 % of the best)
        bases[basesSeen++ % BASES] = Math.max(0, left - payloads - allocated);
        int count = Math.min(basesSeen, BASES);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            least = Math.min(least, bases[i]);
        }
        base = Math.max(heapBytes / 16, least); // the others hold old garbage
        if (foreseen > heapBytes * TELLING) {
            learn((double) (left - base - payloads) / foreseen);
        }
    }

    private void learn(double seen) {
        discounts[discountsSeen++ % DISCOUNTS] = Math.max(LEAST_DISCOUNT, Math.min(MOST_DISCOUNT, seen));
        int count = Math.min(discountsSeen, DISCOUNTS);
        System.arraycopy(discounts, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        double told = sorted[count / 3];
        boolean clear = count >= DISCOUNTS / 2 && told < discount / 2;
        discount = Math.max(told, discount * (clear ? FALL_IF_CLEAR : FALL));
    }

    long base() {
        return base;
    }

    double discount() {
        return discount;
    }

    double leftShare() {
        return leftShare;
    }
}
