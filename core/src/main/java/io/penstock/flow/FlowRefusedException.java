package io.penstock.flow;

import io.penstock.job.Enqueued;

/** Says that a flow or batch was not added: one of its jobs was refused, so nothing of it will run. */
public final class FlowRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Enqueued.Refused why;

    FlowRefusedException(String what, Enqueued.Refused why) {
        super(what + " was not added, and none of its jobs will run: " + why.message());
        this.why = why;
    }

    /** Returns why the first job that was refused was. */
    public Enqueued.Refused why() {
        return why;
    }
}
