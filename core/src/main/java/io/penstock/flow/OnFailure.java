package io.penstock.flow;

import java.util.Locale;

/** What becomes of a flow when one of its jobs has failed for good, or was cancelled. */
public enum OnFailure {
    /** All that need it are cancelled, and all that need those; the rest runs to its end, and the flow has failed. */
    FAIL('F'),
    /** It counts as done, without a result. */
    IGNORE('I'),
    /** Those that need it run, and see its failure among their children. */
    CONTINUE('C'),
    /** What has not begun is cancelled; then the undos of all jobs that completed run, the last one first. */
    COMPENSATE('S');

    private final char letter;

    OnFailure(char letter) {
        this.letter = letter;
    }

    char letter() {
        return letter;
    }

    static OnFailure of(char letter) {
        for (OnFailure each : values()) {
            if (each.letter == letter) {
                return each;
            }
        }
        return FAIL;
    }

    /** Returns the name used in JSON. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads the wire name.
     *
     * @throws IllegalArgumentException listing the legal names
     */
    public static OnFailure of(String wire) {
        for (OnFailure each : values()) {
            if (each.wire().equals(wire)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "onFailure \"" + wire + "\" is unknown: use fail, ignore, continue or compensate");
    }
}
