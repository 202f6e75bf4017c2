package io.penstock.memory.optimise;

/** A gauge whose hands a test turns. */
final class TurnedGauge implements Gauge {
    volatile long live = UNKNOWN;
    volatile long used;
    volatile long max = 1_000 << 20;
    volatile long rss = UNKNOWN;

    @Override
    public long liveSetBytes() {
        return live;
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
