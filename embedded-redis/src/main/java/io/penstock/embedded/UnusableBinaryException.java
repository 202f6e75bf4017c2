package io.penstock.embedded;

import org.jspecify.annotations.Nullable;

/** A candidate that cannot serve, and why: the next candidate may. */
final class UnusableBinaryException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableBinaryException(String reason, @Nullable Throwable cause) {
        super(reason, cause);
    }

    UnusableBinaryException(String reason) {
        this(reason, null);
    }
}
