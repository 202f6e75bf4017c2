package io.penstock.server.oidc;

/** Nobody was signed in; the message is for the log and says no secret. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Refusal why;

    public RefusedException(Refusal why, String message) {
        super(message);
        this.why = why;
    }

    public Refusal why() {
        return why;
    }
}
