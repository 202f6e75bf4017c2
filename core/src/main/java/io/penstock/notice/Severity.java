package io.penstock.notice;

import java.util.Locale;

/** How bad it is, the mildest first. */
public enum Severity {
    INFO,
    WARNING,
    ERROR,
    CRITICAL;

    /** Returns its name on the wire. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
