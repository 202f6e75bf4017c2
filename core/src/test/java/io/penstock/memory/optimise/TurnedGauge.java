package io.penstock.memory.optimise;

import java.util.concurrent.atomic.AtomicLong;

/** A gauge whose hands a test turns. */
final class TurnedGauge implements Gauge {
    final AtomicLong live = new AtomicLong(UNKNOWN);
    volatile long used;
    volatile long max = 1_000 << 20;
    volatile long rss = UNKNOWN;

    @Override
    public long liveSetBytes() {
        return live.get();
    }

    @Override
    public long usedBytes() {
        return used;
    }

    @Override
    public long maxBytes() {
        return max;
    }

    @Override
    public long rssBytes() {
        return rss;
    }
}
