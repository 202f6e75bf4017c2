package io.penstock.resilience;

import io.penstock.runtime.Clock;

/** Counts calls and retries of the last ten seconds, and says whether one more retry is within the share. */
final class Budget {
    private static final int SLICES = 10;
    private static final long SLICE_NANOS = 1_000_000_000;

    private final Clock clock;
    private final double share;
    private final long zeroNanos;
    private final long[] calls = new long[SLICES]; // guarded by this, as the rest
    private final long[] retries = new long[SLICES];
    private long newest;

    Budget(Clock clock, double share) {
        this.clock = clock;
        this.share = share;
        this.zeroNanos = clock.nanos();
    }

    synchronized void call() {
        calls[slice()]++;
    }

    /** Takes one retry, if there is one left. */
    synchronized boolean retry() {
        int slice = slice();
        long called = 0;
        long retried = 0;
        for (int i = 0; i < SLICES; i++) {
            called += calls[i];
            retried += retries[i];
        }
        if (retried >= Math.max(CallPolicy.LEAST_RETRIES, (long) (share * called))) {
            return false;
        }
        retries[slice]++;
        return true;
    }

    private int slice() {
        long now = (clock.nanos() - zeroNanos) / SLICE_NANOS;
        for (long old = Math.max(newest + 1, now - SLICES + 1); old <= now; old++) {
            calls[(int) (old % SLICES)] = 0;
            retries[(int) (old % SLICES)] = 0;
        }
        newest = Math.max(newest, now);
        return (int) (newest % SLICES);
    }
}
