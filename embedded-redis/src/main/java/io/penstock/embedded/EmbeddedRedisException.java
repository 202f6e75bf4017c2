package io.penstock.embedded;

import org.jspecify.annotations.Nullable;

/**
 * The embedded server could not be started, used or stopped.
 *
 * <p>The message has four parts: what failed, the value and its bound, what happens now, what to do. It quotes at most
 * 1,000 characters of what the server wrote, and never the password.
 */
public final class EmbeddedRedisException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EmbeddedRedisException(String failed, String value, String now, String remedy, @Nullable Throwable cause) {
        super(failed + ": " + value + ". " + now + ". " + remedy + ".", cause);
    }

    EmbeddedRedisException(String failed, String value, String now, String remedy) {
        this(failed, value, now, remedy, null);
    }
}
