package io.penstock.resilience;

import java.time.Duration;

/** An attempt did not end in time; whether it has done something is not known. */
public final class CallTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CallTimeoutException(String name, Duration timeout) {
        super("call of " + name + " has not ended within " + timeout
                + "; it was interrupted, and what it did is not known; raise its timeout, or look at what it calls");
    }
}
