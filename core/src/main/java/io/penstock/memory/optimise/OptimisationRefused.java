package io.penstock.memory.optimise;

import java.time.Duration;

/** Says why an optimisation was not begun, and when to ask again. Carries no stack: being refused is the usual case. */
public final class OptimisationRefused extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** What stood in the way. */
    public enum Reason {
        /** The optimiser is not started, closed, or switched off. */
        OFF,
        /** Another run is under way. */
        UNDERWAY,
        /** The wait after the last run of this trigger is not over. */
        COOLDOWN,
        /** The last runs freed next to nothing, so the wait has grown. */
        BACKING_OFF
    }

    /** The reason. */
    private final Reason reason;

    /** The wait. */
    private final Duration retryAfter;

    OptimisationRefused(Reason reason, Duration retryAfter, String text) {
        super(text);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /** Returns what stood in the way. */
    public Reason reason() {
        return reason;
    }

    /** Returns when to ask again; zero = unknown. */
    public Duration retryAfter() {
        return retryAfter;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
