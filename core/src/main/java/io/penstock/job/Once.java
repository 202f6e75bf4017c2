package io.penstock.job;

import java.time.Duration;

/**
 * The name of a request: as often as it comes there is one job for it.
 *
 * @param key 1 to {@value Unique#MAX_KEY} characters; of a queue for itself, and apart from unique keys
 * @param keep how long the job of the request is known, also past its end
 */
public record Once(String key, Duration keep) {
    public Once {
        Unique.checkKey("once", key);
        if (keep.toMillis() < 1 || keep.compareTo(Backoff.LONGEST) > 0) {
            throw new IllegalArgumentException("once.keep " + keep + " is outside PT0.001S to " + Backoff.LONGEST
                    + "; nothing was done; give a time within");
        }
    }
}
