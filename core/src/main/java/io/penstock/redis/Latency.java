package io.penstock.redis;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long something took lately: count, mean, maximum and percentiles of this window and the one before.
 *
 * <p>Bound: two windows of {@value #BUCKETS} counters of 8 bytes, under 4 KB. Each doubling has eight buckets, so a percentile is at
 * most an eighth too high; HdrHistogram would give more digits for a dependency and a hundred times the bytes.
 * Recording allocates nothing. Threads: safe; a window that is rolled while somebody records may miss that one.
 */
final class Latency {
    /** Eight below 8 us, then eight for each doubling up to 2^27 us = 134 s; the last one takes all above. */
    private static final int BUCKETS = 8 + 24 * 8;

    private volatile Window current = new Window();
    private volatile Window previous = new Window();

    private final LongAdder allCount = new LongAdder();
    private final LongAdder allNanos = new LongAdder();

    // of the one who asks for means
    private long seenCount;
    private long seenNanos;

    private static final class Window {
        final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
        final AtomicLong count = new AtomicLong();
        final AtomicLong sumNanos = new AtomicLong();
        final AtomicLong maxNanos = new AtomicLong();
    }

    void record(long nanos) {
        Window window = current;
        long took = Math.max(0, nanos);
        window.counts.incrementAndGet(bucket(took / 1_000));
        window.sumNanos.addAndGet(took);
        window.maxNanos.accumulateAndGet(took, Math::max);
        window.count.incrementAndGet();
        allCount.increment();
        allNanos.add(took);
    }

    /** The mean since this was last asked; 0 if nothing was recorded since. One asker. */
    double takeMeanMillis() {
        long count = allCount.sum();
        long nanos = allNanos.sum();
        double mean = count == seenCount ? 0 : (nanos - seenNanos) / 1e6 / (count - seenCount);
        seenCount = count;
        seenNanos = nanos;
        return mean;
    }

    /** Returns all of it beside a smoothed mean that somebody else keeps. */
    LatencyStats stats(double ewmaMillis) {
        return new LatencyStats(
                ewmaMillis,
                percentileMillis(0.50),
                percentileMillis(0.95),
                percentileMillis(0.99),
                maxMillis(),
                count(),
                allCount.sum(),
                allNanos.sum() / 1e6);
    }

    /** Begins a new window; what was before the last one is forgotten. */
    void roll() {
        previous = current;
        current = new Window();
    }

    long count() {
        return current.count.get() + previous.count.get();
    }

    /** Of both windows; 0 if there is none. */
    double meanMillis() {
        long all = count();
        return all == 0 ? 0 : (current.sumNanos.get() + previous.sumNanos.get()) / 1e6 / all;
    }

    double maxMillis() {
        return Math.max(current.maxNanos.get(), previous.maxNanos.get()) / 1e6;
    }

    /** The least bound that so large a share of all stayed below; 0 if there is none. */
    double percentileMillis(double share) {
        Window now = current;
        Window before = previous;
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            all += now.counts.get(i) + before.counts.get(i);
        }
        long rank = (long) Math.ceil(share * all);
        long seen = 0;
        for (int i = 0; i < BUCKETS && all > 0; i++) {
            seen += now.counts.get(i) + before.counts.get(i);
            if (seen >= rank) {
                return Math.min(ceilingMicros(i) / 1e3, maxMillis());
            }
        }
        return 0;
    }

    private static int bucket(long micros) {
        if (micros < 8) {
            return (int) micros;
        }
        int doubling = 60 - Long.numberOfLeadingZeros(micros); // 0 for 8..15
        int eighth = (int) (micros >>> doubling) - 8;
        return Math.min(BUCKETS - 1, 8 + doubling * 8 + eighth);
    }

    private static double ceilingMicros(int bucket) {
        if (bucket < 8) {
            return bucket + 1;
        }
        int doubling = (bucket - 8) / 8;
        return (double) ((bucket - 8) % 8 + 9) * (1L << doubling);
    }
}
