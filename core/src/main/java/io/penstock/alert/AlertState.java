package io.penstock.alert;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Where an alert stands. */
public enum AlertState {
    /** The line is passed, but not for long enough, or it fired too often or a moment ago. */
    PENDING,
    /** Somebody should act. */
    FIRING,
    /** Somebody said that they do. */
    ACKNOWLEDGED,
    /** Somebody wants to hear nothing of it until an instant; it fires all the same. */
    SILENCED,
    /** It is over. */
    RESOLVED;

    /** Returns its name on the wire. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns all names on the wire. */
    public static List<String> words() {
        return Arrays.stream(values()).map(AlertState::wire).toList();
    }
}
