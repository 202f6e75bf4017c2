package io.penstock.job;

import java.util.Locale;

/** Where a job is in its life; the graph of legal moves is in docs/job-states.md. */
public enum JobState {
    /** Ready to run, in a line of its priority. */
    WAITING,
    /** Not due yet: delayed by its producer, or waiting for its next attempt. */
    DELAYED,
    /** Leased to a worker. */
    ACTIVE,
    /** Held back until other jobs end. */
    BLOCKED,
    /** Its handler returned. */
    COMPLETED,
    /** A dead letter: out of attempts, not to be retried, or poison. */
    FAILED,
    /** Ended on request before its handler returned. */
    CANCELLED;

    private final String wire = name().toLowerCase(Locale.ROOT);

    /** Returns the name used in JSON, on the command line and in metrics. */
    public String wire() {
        return wire;
    }

    /** Tells whether the job has ended for good, so that only an operator's retry can start it again. */
    public boolean terminal() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }

    /**
     * Reads the wire name.
     *
     * @throws IllegalArgumentException listing the legal names
     */
    public static JobState of(String wire) {
        for (JobState state : values()) {
            if (state.wire.equals(wire)) {
                return state;
            }
        }
        throw new IllegalArgumentException("state \"" + wire
                + "\" is unknown: use waiting, delayed, active, blocked, completed, failed or cancelled");
    }
}
