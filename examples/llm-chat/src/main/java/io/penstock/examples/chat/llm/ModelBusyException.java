package io.penstock.examples.chat.llm;

import java.io.IOException;
import java.time.Duration;

/** The model said 429: come again then. It is well, so the breaker does not count it. */
public final class ModelBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    ModelBusyException(Duration retryAfter) {
        super("the model is busy: 429, come again in " + retryAfter.toSeconds() + " s");
        this.retryAfter = retryAfter;
    }

    /** Returns the wait that the model asked for. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
