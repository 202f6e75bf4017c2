package io.penstock.memory.admission;

import io.penstock.memory.gc.GcEvent;
import java.util.Arrays;

/**
 * What collections tell of the bytes that jobs do not account for (the base), and of the share of what jobs allocate
 * that stays (the garbage discount).
 *
 * <p>Threads: guarded by the load line.
 */
final class LiveSet {
    private static final int BASES = 256;

    /** As many as a cycle of young and mixed collections commonly has: one of them shows little old garbage. */
    private static final int DISCOUNTS = 16;

    private static final int LEAST_BY_AGE = 4;

    /** Never believed: some of what a job allocates is always alive. */
    private static final double LEAST_DISCOUNT = 0.1;

    /** Above 1: a base taken too low is paid for here. */
    private static final double MOST_DISCOUNT = 1.05;

    /** Good news is believed slowly: this part of the way down a collection. */
    private static final double FALL = 0.06;

    /** Jobs that hold all that they allocate until they end hold about this share of it in the mean of their time. */
    private static final double MEAN_OF_PEAK = 0.7;

    /**
     * Where collections are concurrent, what is left holds the garbage of jobs that ended while it ran. Next to jobs that
     * have allocated less than this part of what they will, nothing can be told from that.
     */
    private static final double LEAST_BEGUN = 0.25;

    /** Less than this in flight says nothing about a share of it. */
    private static final double TELLING = 0.02;

    /** Of what was allocated, in arrays of half a region or more: beyond it they make the price. */
    private static final double MANY_LARGE = 0.25;

    /** Where so many in a row looked at the whole heap there is no old garbage to forgive. */
    private static final int ALL_WHOLE = 4;

    /**
     * A reading taken while running jobs have allocated no more than this share of the heap tells the base well, because
     * little of it can be theirs. Where collections are concurrent those are asked first: there a single job is commonly
     * caught just after it began, and jobs that allocate ten times what they hold made the base look empty and
     * themselves dear, so that one ran at a time for good (seen with ZGC: 11 a second instead of 30).
     */
    private static final double FRESH = 0.125;

    /** Weight of the latest collection in the share of large arrays. */
    private static final double NEWS = 0.2;

    /** Bytes that nobody's count explains matter from this share of the heap on: what the JVM takes for itself is less. */
    private static final double UNEXPLAINED = 0.08;

    private final long[] bases = new long[BASES];
    private final boolean[] fresh = new boolean[BASES];
    private final double[] discounts = new double[DISCOUNTS];
    private final double[] byAge = new double[DISCOUNTS];
    private final double[] sorted = new double[DISCOUNTS];
    private final long heapBytes;
    private final boolean concurrent;
    private int basesSeen;
    private int discountsSeen;
    private int byAgeSeen;
    private long base;
    private double discount = 1;
    private double leftShare;
    private long left;
    private double large;
    private int wholeInARow;

    LiveSet(HeapFacts heap, long usedNow) {
        this.heapBytes = heap.maxBytes();
        this.concurrent = heap.concurrent();
        this.base = Math.min(usedNow, heapBytes / 4); // with garbage; the first collection says better
    }

    /**
     * Takes in what a collection left.
     *
     * @param payloads bytes of records in hand
     * @param allocated bytes that running jobs have allocated so far
     * @param foreseen bytes that they are likely to allocate in all
     * @param young what they can hold by the age of what is alive, or {@link Survivors#UNKNOWN}
     */
    void collected(GcEvent event, long payloads, long allocated, long foreseen, long young) {
        large(event);
        wholeInARow = event.wholeHeap() ? wholeInARow + 1 : 0;
        left = event.usedAfterBytes();
        leftShare = (double) left / heapBytes;
        // without what jobs have allocated: under a steady load jobs always hold something, and counted twice, as base
        // and as promise, it costs half of the throughput (seen: 31 % instead of 90 % of the best)
        int at = basesSeen++ % BASES;
        bases[at] = Math.max(0, left - payloads - allocated);
        fresh[at] = concurrent && allocated <= heapBytes * FRESH;
        base = Math.max(leastBase(), least()); // the others hold old garbage
        boolean tells = !concurrent || allocated >= foreseen * LEAST_BEGUN;
        if (foreseen > heapBytes * TELLING && tells) {
            byAge(young, allocated, foreseen);
            double kept = left - base - payloads;
            // jobs that all began just now hold little yet: asked by what they have allocated, they tell the truth
            double begun = allocated > 0 ? Math.min(MOST_DISCOUNT, kept / allocated) : 0;
            // with an honest base what is left of each allocated byte is the very share that is looked for
            learn(Math.max(kept / foreseen, concurrent ? begun : begun * MEAN_OF_PEAK));
        }
    }

    private void byAge(long most, long allocated, long foreseen) {
        if (most != Survivors.UNKNOWN) {
            double begun = allocated > 0 ? Math.min(MOST_DISCOUNT, (double) most / allocated) * MEAN_OF_PEAK : 0;
            byAge[byAgeSeen++ % DISCOUNTS] = Math.max((double) most / foreseen, begun);
        }
    }

    /**
     * So many bytes are alive that no job allocated: something else has taken them, and what collections told before is
     * that much too low. Without it the base is believed to be low for up to {@value #BASES} collections, and jobs are
     * let in into memory that is gone.
     */
    void unexplained(long bytes) {
        if (bytes > heapBytes * UNEXPLAINED) {
            for (int i = 0; i < Math.min(basesSeen, BASES); i++) {
                bases[i] += bytes;
            }
        }
    }

    /** So much of what a collection of the whole heap left no running job can hold; one that ended before it was told can. */
    void atLeast(long bytes) {
        for (int i = 0; i < Math.min(basesSeen, BASES); i++) {
            bases[i] = Math.max(bases[i], bytes - (long) (heapBytes * UNEXPLAINED));
        }
    }

    private long least() {
        int count = Math.min(basesSeen, BASES);
        long any = Long.MAX_VALUE;
        long ofFresh = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            any = Math.min(any, bases[i]);
            ofFresh = fresh[i] ? Math.min(ofFresh, bases[i]) : ofFresh;
        }
        return ofFresh == Long.MAX_VALUE ? any : ofFresh;
    }

    /** An array of half a region or more takes whole regions: up to twice its bytes, of which no thread's counter tells. */
    private void large(GcEvent event) {
        long grown = event.usedBeforeBytes() - left;
        if (grown > 0 && event.usedBeforeBytes() != GcEvent.UNKNOWN) {
            double share = Math.min(1, (double) event.largeBytes() / grown);
            boolean begins = large < MANY_LARGE && share > 2 * MANY_LARGE;
            large += (share - large) * (begins ? 1 : NEWS);
            if (begins) {
                discount = Math.max(discount, 1 + large);
            }
        }
    }

    private void learn(double seen) {
        double most = large > MANY_LARGE ? MOST_DISCOUNT + large : MOST_DISCOUNT;
        discounts[discountsSeen++ % DISCOUNTS] = Math.max(LEAST_DISCOUNT, Math.min(most, seen));
        int count = sort(discounts, discountsSeen);
        // most readings hold old garbage, or what died during a concurrent cycle, and the lowest are the best; of large
        // arrays each collection frees the dead
        boolean telling = large > MANY_LARGE || wholeInARow >= ALL_WHOLE;
        double told = sorted[concurrent ? count / 4 : telling ? count * 2 / 3 : count / 6];
        if (byAgeSeen >= LEAST_BY_AGE && large <= MANY_LARGE) {
            // bounds without old garbage: the lower ones are of jobs that have just begun
            told = Math.min(told, Math.max(LEAST_DISCOUNT, sorted[sort(byAge, byAgeSeen) * 2 / 3]));
        }
        discount = Math.max(told, discount - Math.abs(discount - told) * FALL);
    }

    private int sort(double[] readings, int seen) {
        int count = Math.min(seen, DISCOUNTS);
        System.arraycopy(readings, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        return count;
    }

    /** Bytes that the last collection left: no less than was alive then. */
    long left() {
        return left;
    }

    /** The least that is ever taken for the base: classes, connections, whatever runs beside the jobs. */
    long leastBase() {
        return heapBytes / 16;
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
