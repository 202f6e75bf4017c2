package io.penstock.runtime;

/**
 * Tells the time to everything in this process; the only place that reads it.
 *
 * <p>Nothing that is compared between machines comes from here: due times and lease deadlines are by the clock of
 * Redis. This one measures spans inside the process and stamps what people read.
 */
public interface Clock {
    /** Returns a monotonic reading in nanoseconds: only differences mean anything, compared as {@code a - b < 0}. */
    long nanos();

    /** Returns the wall clock in milliseconds since 1970, which may jump. */
    long millis();

    /** Returns how many nanoseconds this machine has to wait until this clock has gone on by so many. */
    default long waitNanos(long nanos) {
        return nanos;
    }

    /** Returns the clock of this machine. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /**
     * Returns a clock that tells the machine's time now and goes this many times as fast from here on: at 144 a day of
     * periodic work takes ten minutes. For soaks.
     *
     * @param times 1 to {@value PacedClock#MOST}
     */
    static Clock faster(int times) {
        return PacedClock.of(system(), times);
    }
}
