package io.penstock.job;

import java.time.Duration;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * The wait before the next attempt, as data that any worker in any language can apply.
 *
 * <p>The wait after attempt n is {@code delay} (FIXED), {@code delay * n} (LINEAR) or {@code delay * 2^(n-1)}
 * (EXPONENTIAL), at most {@code maxDelay}; then up to {@code jitter} of it is taken off or put on at random, so that
 * jobs that failed together do not come back together. The jittered wait never falls below {@code (1 - jitter)} of the
 * nominal one.
 *
 * @param delay the first wait, 0 to {@code maxDelay}
 * @param maxDelay the longest nominal wait, at most {@link #LONGEST}
 * @param jitter the share of the wait that is random, 0 to 1
 */
public record Backoff(Kind kind, Duration delay, Duration maxDelay, double jitter) {
    /** How the wait grows. */
    public enum Kind {
        FIXED,
        LINEAR,
        EXPONENTIAL;

        /** Returns the name used in JSON. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Reads the wire name.
         *
         * @throws IllegalArgumentException listing the legal names
         */
        public static Kind of(String wire) {
            for (Kind kind : values()) {
                if (kind.wire().equals(wire)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(
                    "backoff.type \"" + wire + "\" is unknown: use fixed, linear or exponential");
        }
    }

    /** A year: longer waits are nearly always a unit mistaken. */
    public static final Duration LONGEST = Duration.ofDays(365);

    /** An hour: an outage of a day is met with two dozen tries, not with one tomorrow. */
    public static final Duration DEFAULT_MAX_DELAY = Duration.ofHours(1);

    /** A fifth spreads 1,000 jobs that failed together over 400 ms of a 2 s wait. */
    public static final double DEFAULT_JITTER = 0.2;

    public Backoff {
        if (delay.isNegative() || delay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("backoff.delay " + delay + " is outside 0 to " + LONGEST);
        }
        if (maxDelay.compareTo(delay) < 0 || maxDelay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "backoff.maxDelay " + maxDelay + " is outside " + delay + " (the delay) to " + LONGEST);
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("backoff.jitter " + jitter + " is outside 0 to 1");
        }
    }

    /** The same wait each time. */
    public static Backoff fixed(Duration delay) {
        return of(Kind.FIXED, delay);
    }

    /** A wait that grows by {@code delay} with each attempt. */
    public static Backoff linear(Duration delay) {
        return of(Kind.LINEAR, delay);
    }

    /** A wait that doubles with each attempt. */
    public static Backoff exponential(Duration first) {
        return of(Kind.EXPONENTIAL, first);
    }

    /** A wait that doubles, and the number of attempts in all: the commonest retry policy in one call. */
    public static RetryPolicy exponential(Duration first, int maxAttempts) {
        return RetryPolicy.of(exponential(first), maxAttempts);
    }

    private static Backoff of(Kind kind, Duration delay) {
        return new Backoff(
                kind, delay, delay.compareTo(DEFAULT_MAX_DELAY) > 0 ? delay : DEFAULT_MAX_DELAY, DEFAULT_JITTER);
    }

    /** Returns this backoff with another ceiling. */
    public Backoff max(Duration ceiling) {
        return new Backoff(kind, delay, ceiling, jitter);
    }

    /** Returns this backoff with another share of randomness. */
    public Backoff jitter(double share) {
        return new Backoff(kind, delay, maxDelay, share);
    }

    /**
     * Returns the wait after the given attempt failed.
     *
     * @param attempt the attempt that failed, from 1
     * @param random gives a number in [0, 1)
     */
    public Duration after(int attempt, DoubleSupplier random) {
        double factor = switch (kind) {
            case FIXED -> 1;
            case LINEAR -> attempt;
            case EXPONENTIAL -> Math.scalb(1.0, Math.min(attempt - 1, 62));
        };
        double nominal = Math.min((double) delay.toMillis() * factor, (double) maxDelay.toMillis());
        double swing = nominal * jitter * (2 * random.getAsDouble() - 1);
        return Duration.ofMillis(Math.round(nominal + swing));
    }
}
