package io.penstock.runtime;

import java.time.Instant;

/**
 * How well something outside this process does, as {@link Hysteresis} settled it.
 *
 * @param reason why it is not UP, with the value and the bound; short
 * @param since when the present status began
 * @param consecutiveFailures looks in a row, up to the last one, that did not find it UP
 */
public record Health(Status status, String reason, Instant since, int consecutiveFailures) {
    /** From good to bad. */
    public enum Status {
        /** It answers, and in time. */
        UP,
        /** It answers, but somebody should look. */
        DEGRADED,
        /** It does not answer. */
        DOWN
    }
}
