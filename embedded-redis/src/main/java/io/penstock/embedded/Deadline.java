package io.penstock.embedded;

import java.time.Duration;

/** A moment on the monotonic clock after which waiting ends, and how far away it was at first, for error texts. */
record Deadline(long atNanos, Duration bound) {
    static Deadline in(Duration wait) {
        return new Deadline(System.nanoTime() + wait.toNanos(), wait);
    }

    boolean passed() {
        return atNanos - System.nanoTime() <= 0;
    }

    /** At least 1: zero means "for ever" to a selector and "do not wait" to a process. */
    long millisLeft() {
        return Math.max(1, (atNanos - System.nanoTime()) / 1_000_000);
    }
}
