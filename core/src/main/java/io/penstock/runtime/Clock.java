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

    /** Returns the clock of this machine. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }
}
