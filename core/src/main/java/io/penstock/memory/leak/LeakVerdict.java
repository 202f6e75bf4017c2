package io.penstock.memory.leak;

/** How sure it is that memory leaks. */
public enum LeakVerdict {
    /** Nothing speaks for a leak; also while there is no evidence yet. */
    NONE,
    /** The numbers say that the live set grows, and not who keeps it. */
    GROWTH,
    /** It grew for a day, or it grows and one witness saw objects stay. */
    SUSPECTED,
    /** Two independent witnesses saw objects stay, or the heap itself was looked at. */
    CONFIRMED
}
