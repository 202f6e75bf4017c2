package io.penstock.memory;

/** How far the process is loaded with memory, from plenty to none. */
public enum MemoryLevel {
    /** Nothing to do. */
    NORMAL,
    /** Worth a closer look, no alarm: it is sampled more often. */
    WATCH,
    /** Above the threshold: free what can be freed, take less work. */
    HIGH,
    /** Take no work that is not needed. */
    CRITICAL,
    /** The next allocation may fail. */
    EMERGENCY;

    /** Tells whether it is this bad or worse. */
    public boolean atLeast(MemoryLevel other) {
        return compareTo(other) >= 0;
    }
}
