package io.penstock.runtime;

/**
 * Goes so many times as fast as another clock, from when it was made.
 *
 * @param beginNanos what the other one read then
 * @param beginMillis the same of its wall clock
 */
record PacedClock(Clock real, int times, long beginNanos, long beginMillis) implements Clock {
    /** At this pace a reading overflows after ten days of the machine's. */
    static final int MOST = 10_000;

    static Clock of(Clock real, int times) {
        if (times < 1 || times > MOST) {
            throw new IllegalArgumentException(
                    "clock: " + times + " times as fast is not 1 to " + MOST + "; none was made; choose a pace within");
        }
        return times == 1 ? real : new PacedClock(real, times, real.nanos(), real.millis());
    }

    @Override
    public long nanos() {
        return beginNanos + (real.nanos() - beginNanos) * times;
    }

    @Override
    public long millis() {
        return beginMillis + (nanos() - beginNanos) / 1_000_000;
    }

    @Override
    public long waitNanos(long nanos) {
        return (nanos + times - 1) / times; // up: a wait of nothing would go round and round
    }
}
