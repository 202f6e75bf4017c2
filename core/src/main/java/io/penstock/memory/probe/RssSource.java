package io.penstock.memory.probe;

/** Where the resident bytes of the process come from, so that nobody takes a guess for a reading. */
public enum RssSource {
    /** {@code VmRSS} of the kernel. */
    PROC,
    /** The {@code ps} of macOS and BSD, at most every 10 s. */
    PS,
    /**
     * The kernel counts each page of the heap up to three times, because ZGC before its generations maps it thrice
     * (measured on 17: 2,889 MB of a heap of at most 1,280 MB). Shown, but no decision is built on it.
     */
    UNRELIABLE,
    /** This system tells it in no way that we know. */
    UNAVAILABLE
}
