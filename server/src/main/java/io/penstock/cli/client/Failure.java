package io.penstock.cli.client;

/** Ends a command with a code and a line on stderr. */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final long retryAfterSeconds;

    public Failure(int code, String message) {
        this(code, message, 0);
    }

    /** @param retryAfterSeconds what the server said, 0 = nothing */
    public Failure(int code, String message, long retryAfterSeconds) {
        super(message, null, false, false);
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public int code() {
        return code;
    }

    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
