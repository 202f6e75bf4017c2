package io.penstock.memory.probe;

import io.penstock.runtime.Clock;

/** A clock of which a probe under test takes some. */
final class ManualTime implements Clock {
    private long nanos = -5_000_000_000L; // monotonic clocks may be below 0

    void pass(long span) {
        nanos += span;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long millis() {
        return 1_767_225_600_000L + nanos / 1_000_000;
    }
}
