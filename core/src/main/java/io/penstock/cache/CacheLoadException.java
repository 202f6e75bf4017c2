package io.penstock.cache;

import org.jspecify.annotations.Nullable;

/** A value could not be loaded; the cause is what the loader threw, none if waiting for somebody else's load ended it. */
public final class CacheLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CacheLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
