package io.penstock.resilience;

import java.time.Duration;

/** Nothing was called, because calls of this thing keep failing; see {@link CallPolicy#breaker}. */
public final class CallRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    CallRefusedException(String name, float failedPercent, int window, Duration retryAfter) {
        super("call of " + name + " was not made: " + Math.round(failedPercent) + " % of the last " + window
                + " attempts failed, so it is left alone; nothing was done; come again in " + retryAfter.toMillis()
                + " ms");
        this.retryAfter = retryAfter;
    }

    /** Returns when the next attempts are let through; no promise that yours is among them. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
