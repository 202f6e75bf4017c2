package io.penstock.resilience;

import io.penstock.job.Backoff;
import io.penstock.job.Names;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How calls of one thing outside are made.
 *
 * @param name of what is called, as a queue's
 * @param attempts of one call at most, the first included; 1 to 100
 * @param backoff the wait between them
 * @param retryIf which failures may pass; by default any exception but those that say that the caller is wrong
 *     (IllegalArgumentException, NullPointerException, UnsupportedOperationException)
 * @param budget retries of all callers together, as a share of the calls of the last ten seconds; 0 to 10, and always
 *     {@link #LEAST_RETRIES} in that time
 * @param breakerShare from this share of failed attempts on, of the last {@code breakerWindow}, nothing is called for
 *     {@code breakerOpen}; above 0 to 1, and 0 = there is no breaker
 * @param breakerWindow attempts that are looked at; 2 to 10,000
 * @param breakerOpen 10 ms to 1 h; then three attempts are let through to see whether it is over
 * @param dedup how long the result of a call is shared with those of the same key that come after it; 0 = not at all, to 1 h
 * @param timeout of one attempt, after which its thread is interrupted; 0 = none, to 1 h
 * @param asked how long the other side asked to be left alone, by what it failed with, as a 429 with Retry-After does; null =
 *     it did not. The next attempt comes no earlier; by default nobody asks
 * @param mostAsked the longest of these waits that a call waits for: a longer one ends it; 0 to 1 h
 */
public record CallPolicy(
        String name,
        int attempts,
        Backoff backoff,
        Predicate<? super Throwable> retryIf,
        double budget,
        double breakerShare,
        int breakerWindow,
        Duration breakerOpen,
        Duration dedup,
        Duration timeout,
        Function<? super Throwable, @Nullable Duration> asked,
        Duration mostAsked) {
    /** In ten seconds: without them one failing call of a quiet process could not be tried again. */
    public static final int LEAST_RETRIES = 3;

    private static final int MOST_ATTEMPTS = 100;
    private static final double MOST_BUDGET = 10;
    private static final int MOST_WINDOW = 10_000;
    private static final Duration SHORTEST_OPEN = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    public CallPolicy {
        Names.check("call", name);
        check(attempts >= 1 && attempts <= MOST_ATTEMPTS, "attempts", attempts, "1 to " + MOST_ATTEMPTS);
        check(budget >= 0 && budget <= MOST_BUDGET, "budget", budget, "0 to " + MOST_BUDGET);
        check(breakerShare >= 0 && breakerShare <= 1, "breakerShare", breakerShare, "0 to 1");
        check(
                breakerWindow >= 2 && breakerWindow <= MOST_WINDOW,
                "breakerWindow",
                breakerWindow,
                "2 to " + MOST_WINDOW);
        check(within(breakerOpen, SHORTEST_OPEN), "breakerOpen", breakerOpen, SHORTEST_OPEN + " to " + LONGEST);
        check(within(dedup, Duration.ZERO), "dedup", dedup, "0 to " + LONGEST);
        check(within(mostAsked, Duration.ZERO), "mostAsked", mostAsked, "0 to " + LONGEST);
        check(within(timeout, Duration.ZERO), "timeout", timeout, "0 to " + LONGEST);
    }

    /** Three attempts, 100 ms and then twice as long between them, a budget of a fifth, no breaker, dedup or timeout. */
    public static CallPolicy named(String name) {
        return new CallPolicy(
                name,
                3,
                Backoff.exponential(Duration.ofMillis(100)),
                CallPolicy::mayPass,
                0.2,
                0,
                50,
                Duration.ofSeconds(10),
                Duration.ZERO,
                Duration.ZERO,
                failure -> null,
                Duration.ZERO);
    }

    private static boolean mayPass(Throwable failure) {
        return failure instanceof Exception
                && !(failure instanceof IllegalArgumentException)
                && !(failure instanceof NullPointerException)
                && !(failure instanceof UnsupportedOperationException);
    }

    /** Returns this with another number of attempts. */
    public CallPolicy attempts(int most) {
        return with(parts -> parts.attempts = most);
    }

    /** Returns this with another wait between attempts. */
    public CallPolicy backoff(Backoff wait) {
        return with(parts -> parts.backoff = wait);
    }

    /** Returns this with another idea of which failures may pass. */
    public CallPolicy retryIf(Predicate<? super Throwable> passing) {
        return with(parts -> parts.retryIf = passing);
    }

    /** Returns this with another share of calls that may be tried again. */
    public CallPolicy budget(double share) {
        return with(parts -> parts.budget = share);
    }

    /** Returns this with a breaker. */
    public CallPolicy breaker(double failedShare, int window, Duration open) {
        return with(parts -> {
            parts.breakerShare = failedShare;
            parts.breakerWindow = window;
            parts.breakerOpen = open;
        });
    }

    /** Returns this with results that are shared for so long. */
    public CallPolicy dedup(Duration window) {
        return with(parts -> parts.dedup = window);
    }

    /** Returns this with attempts that end by then. */
    public CallPolicy timeout(Duration longest) {
        return with(parts -> parts.timeout = longest);
    }

    /**
     * Returns this with waits that the other side may ask for.
     *
     * @param wait how long, by what it failed with; null = it did not ask
     * @param most what a call bears; one that is asked to wait longer fails with what asked for it
     */
    public CallPolicy retryAfter(Function<? super Throwable, @Nullable Duration> wait, Duration most) {
        return with(parts -> {
            parts.asked = wait;
            parts.mostAsked = most;
        });
    }

    private CallPolicy with(Consumer<Parts> change) {
        Parts parts = new Parts(this);
        change.accept(parts);
        return parts.policy();
    }

    private static boolean within(Duration value, Duration least) {
        return value.compareTo(least) >= 0 && value.compareTo(LONGEST) <= 0;
    }

    private void check(boolean holds, String what, Object value, String legal) {
        if (!holds) {
            throw new IllegalArgumentException("calls of " + name + ": " + what + " is " + value + ", legal is " + legal
                    + "; nothing was changed; correct it");
        }
    }

    /** All of it, of which a method changes one to three: to write out the others each time would hide which. */
    private static final class Parts {
        private final String name;
        private int attempts;
        private Backoff backoff;
        private Predicate<? super Throwable> retryIf;
        private double budget;
        private double breakerShare;
        private int breakerWindow;
        private Duration breakerOpen;
        private Duration dedup;
        private Duration timeout;
        private Function<? super Throwable, @Nullable Duration> asked;
        private Duration mostAsked;

        Parts(CallPolicy from) {
            name = from.name;
            attempts = from.attempts;
            backoff = from.backoff;
            retryIf = from.retryIf;
            budget = from.budget;
            breakerShare = from.breakerShare;
            breakerWindow = from.breakerWindow;
            breakerOpen = from.breakerOpen;
            dedup = from.dedup;
            timeout = from.timeout;
            asked = from.asked;
            mostAsked = from.mostAsked;
        }

        CallPolicy policy() {
            return new CallPolicy(
                    name,
                    attempts,
                    backoff,
                    retryIf,
                    budget,
                    breakerShare,
                    breakerWindow,
                    breakerOpen,
                    dedup,
                    timeout,
                    asked,
                    mostAsked);
        }
    }
}
