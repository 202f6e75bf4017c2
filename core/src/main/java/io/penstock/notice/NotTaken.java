package io.penstock.notice;

import java.io.IOException;
import java.time.Duration;

/** The receiver of a channel did not take what it was sent; says whether trying again can help, and when. */
public final class NotTaken extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;
    private final Duration retryAfter;

    private NotTaken(String message, boolean passing, Duration retryAfter) {
        super(message);
        this.passing = passing;
        this.retryAfter = retryAfter;
    }

    /** Trouble that may pass by itself. */
    public static NotTaken now(String message) {
        return new NotTaken(message, true, Duration.ZERO);
    }

    /** Trouble that passes no earlier than this, as the receiver said. */
    public static NotTaken until(Duration retryAfter, String message) {
        return new NotTaken(message, true, retryAfter);
    }

    /** A refusal that stands until somebody changes something. */
    public static NotTaken ever(String message) {
        return new NotTaken(message, false, Duration.ZERO);
    }

    /** Tells whether another try may end otherwise. */
    public boolean passing() {
        return passing;
    }

    /** Returns how long the receiver wants to be left alone; zero = it did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
