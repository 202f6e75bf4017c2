package io.penstock.memory;

/** How much the monitor looks at. */
public enum MonitorMode {
    /** Every probe. */
    FULL,
    /** Only the totals of the heap, which cost nothing, because the process or the monitor itself is in trouble. */
    BASIC,
    /** Nothing: it is switched off. */
    OFF
}
