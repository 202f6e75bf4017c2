package io.penstock.series;

import java.util.Set;

/**
 * The latest value of every metric of a process, by name.
 *
 * <p>Threads: safe; a reading is a look at memory and never waits.
 */
public interface Readings {
    /** Returns the latest value; NaN = there is none now, or nobody measures this. */
    double latest(String metric);

    /** Returns the names of all metrics that have a value now. */
    Set<String> metrics();
}
