package io.penstock.job;

import java.util.Locale;

/** How soon a waiting job is taken; each level has its own line, and a line that waits is aged so that none starves. */
public enum Priority {
    CRITICAL,
    HIGH,
    NORMAL,
    LOW;

    private final String wire = name().toLowerCase(Locale.ROOT);

    /** Returns 0 for the most urgent line to 3 for the least. */
    @SuppressWarnings("EnumOrdinal") // the order of the constants is the meaning of a priority
    public int level() {
        return ordinal();
    }

    /** Returns the priority of a level from 0 to 3. */
    @SuppressWarnings("EnumOrdinal") // see level
    public static Priority ofLevel(int level) {
        return values()[level];
    }

    /** Returns the name used in JSON and on the command line. */
    public String wire() {
        return wire;
    }

    /**
     * Reads the wire name.
     *
     * @throws IllegalArgumentException listing the legal names
     */
    public static Priority of(String wire) {
        for (Priority priority : values()) {
            if (priority.wire.equals(wire)) {
                return priority;
            }
        }
        throw new IllegalArgumentException("priority \"" + wire + "\" is unknown: use critical, high, normal or low");
    }
}
