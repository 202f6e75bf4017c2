package io.penstock.memory.optimise;

/**
 * What the optimiser reads of memory: four numbers in bytes, each as of the latest look.
 *
 * <p>Threads: called from several; must return at once, because the timer calls it too.
 */
public interface Gauge {
    /** What cannot be told here: never a guess. */
    long UNKNOWN = -1;

    /** Returns what was in use after the latest collections: the live set and little garbage. */
    long liveSetBytes();

    /** Returns what is in use in the heap now, garbage included. */
    long usedBytes();

    /** Returns how large the heap may become. */
    long maxBytes();

    /** Returns what the process holds of the machine's memory. */
    long rssBytes();
}
