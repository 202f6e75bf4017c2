package io.penstock.limit;

import java.time.Duration;

/** What a limit says to one who asks for permits. */
public sealed interface Answer {
    /** Returns how many permits are left right now. */
    long remaining();

    /** Tells whether Redis could not be asked, so that this is {@link Limit.Away} and the numbers are nominal. */
    boolean guessed();

    /**
     * Go on.
     *
     * @param resetAfter until all of the limit is there again if nobody asks meanwhile; for held permits, their lease
     * @param permit what was taken: close it when done; of a rate only what was not used can be given back
     */
    record Allowed(long remaining, Duration resetAfter, Permit permit, boolean guessed) implements Answer {}

    /**
     * Not now; nothing was taken.
     *
     * @param retryAfter when to come again: each caller gets a turn of its own, so they do not come all at once; no
     *     promise, since others may come first
     */
    record Denied(Duration retryAfter, long remaining, boolean guessed) implements Answer {}
}
