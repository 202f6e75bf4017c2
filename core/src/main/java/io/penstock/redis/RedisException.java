package io.penstock.redis;

import io.penstock.runtime.Outage;
import org.jspecify.annotations.Nullable;

/** Redis did not do what was asked; the message says what, the numbers, and what to do. */
public class RedisException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the error that led to it. */
    public RedisException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Without a further cause. */
    public RedisException(String message) {
        super(message);
    }

    /** Redis is at its maxmemory and refuses to store more; nothing was written. */
    public static final class Full extends RedisException {
        private static final long serialVersionUID = 1L;

        Full(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Redis did not answer before the deadline; whether it acted is not known, and sending the same again is safe. */
    public static final class Unreachable extends RedisException implements Outage.Told {
        private static final long serialVersionUID = 1L;

        private final boolean told;

        Unreachable(String message, @Nullable Throwable cause) {
            this(message, cause, false);
        }

        /** @param told whether the connection is down or dropped, which it has logged itself */
        Unreachable(String message, @Nullable Throwable cause, boolean told) {
            super(message, cause);
            this.told = told;
        }

        @Override
        public boolean told() {
            return told;
        }
    }

    /** A {@link RedisPool} had no connection to lend in time; nothing was sent. */
    public static final class NoConnection extends RedisException {
        private static final long serialVersionUID = 1L;

        NoConnection(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
