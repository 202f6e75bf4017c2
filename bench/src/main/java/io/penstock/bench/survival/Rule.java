package io.penstock.bench.survival;

import java.util.Locale;

/** What keeps the jobs of one process from running out of memory. */
enum Rule {
    /** Nothing: 200 at once. */
    NONE,
    /** A job waits while 95 % of the heap are in use. */
    BREAKER,
    /** Each job costs three times its payload, out of three quarters of the heap. */
    PERMITS,
    /** The load line. */
    LINE,
    /** Fewer at once. */
    FIXED;

    static Rule named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
