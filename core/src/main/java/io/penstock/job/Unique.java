package io.penstock.job;

import java.time.Duration;
import java.util.Locale;

/**
 * A key that at most one job of a queue may hold, and what happens to a second job that wants it.
 *
 * <p>A key is freed on every exit of its holder: completed, failed, cancelled, deleted, purged. A THROTTLE key is held
 * for its whole {@code ttl}, also past completion, and is freed earlier only if its job is cancelled or deleted.
 *
 * @param key 1 to {@value #MAX_KEY} characters
 * @param ttl the window of THROTTLE, the delay of DEBOUNCE, zero for the others
 */
public record Unique(String key, Mode mode, Duration ttl) {
    /** Longest key in characters; longer identities are best hashed by the caller. */
    public static final int MAX_KEY = 256;

    /** What becomes of the second job. */
    public enum Mode {
        /** It is dropped while the first one is waiting, delayed or active. */
        DROP,
        /** It is dropped until {@code ttl} after the first one was accepted. */
        THROTTLE,
        /** It replaces the payload of the first one and starts its delay anew, as long as that one has not started. */
        DEBOUNCE,
        /** It replaces the payload of the first one, which keeps its place, as long as that one has not started. */
        KEEP_LAST;

        /** Tells whether the second job takes the place of the first instead of being dropped. */
        public boolean replaces() {
            return this == DEBOUNCE || this == KEEP_LAST;
        }

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /**
         * Reads the wire name.
         *
         * @throws IllegalArgumentException listing the legal names
         */
        public static Mode of(String wire) {
            for (Mode mode : values()) {
                if (mode.wire().equals(wire)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException(
                    "unique.mode \"" + wire + "\" is unknown: use drop, throttle, debounce or keep-last");
        }
    }

    public Unique {
        checkKey("unique", key);
        boolean timed = mode == Mode.THROTTLE || mode == Mode.DEBOUNCE;
        if (timed && (ttl.toMillis() < 1 || ttl.compareTo(Backoff.LONGEST) > 0)) {
            throw new IllegalArgumentException("unique.ttl " + ttl + " is outside PT0.001S to " + Backoff.LONGEST);
        }
    }

    static void checkKey(String of, String key) {
        if (key.isEmpty() || key.length() > MAX_KEY) {
            throw new IllegalArgumentException(
                    of + ".key has " + key.length() + " characters, outside 1 to " + MAX_KEY + "; hash a longer one");
        }
        for (int i = 0; i < key.length(); i++) {
            if (Character.isISOControl(key.charAt(i))) {
                throw new IllegalArgumentException(of + ".key has a control character at " + i + "; remove it");
            }
        }
    }

    /** Drops a second job while the first has not ended. */
    public static Unique whilePending(String key) {
        return new Unique(key, Mode.DROP, Duration.ZERO);
    }

    /** Drops a second job for this long after the first was accepted. */
    public static Unique throttle(String key, Duration ttl) {
        return new Unique(key, Mode.THROTTLE, ttl);
    }

    /** Runs once, with the last payload, when no further job has come for this long. */
    public static Unique debounce(String key, Duration quiet) {
        return new Unique(key, Mode.DEBOUNCE, quiet);
    }

    /** Keeps one job, with the last payload. */
    public static Unique keepLast(String key) {
        return new Unique(key, Mode.KEEP_LAST, Duration.ZERO);
    }
}
