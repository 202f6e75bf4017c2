package io.penstock.cli;

/** Ends a command with a code and a line on stderr. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final long retryAfterSeconds;

    Failure(int code, String message) {
        this(code, message, 0);
    }

    /** @param retryAfterSeconds what the server said, 0 = nothing */
    Failure(int code, String message, long retryAfterSeconds) {
        super(message, null, false, false);
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    int code() {
        return code;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
