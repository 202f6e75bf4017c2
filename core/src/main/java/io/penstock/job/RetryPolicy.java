package io.penstock.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How many attempts a job has, how long it waits between them, and which exceptions are treated otherwise.
 *
 * <p>Rules are asked in the order they were added; the first whose class fits the exception or one of its causes
 * decides. Immutable.
 */
public final class RetryPolicy {
    /** Five attempts over about half a minute ride out a restart; what still fails then wants a person. */
    public static final RetryPolicy DEFAULT = of(Backoff.exponential(Duration.ofSeconds(2)), 5);

    /** Most attempts a policy may grant. */
    public static final int MOST_ATTEMPTS = 1_000;

    /** Causes looked through before a chain is taken to be a loop. */
    private static final int DEEPEST_CAUSE = 16;

    private final int maxAttempts;
    private final Backoff backoff;
    private final @Nullable BiFunction<Integer, Throwable, Duration> custom;
    private final List<Rule> rules;

    private record Rule(Class<? extends Throwable> type, Function<Throwable, Decision> decision) {}

    /** What to do with a job whose attempt failed. */
    public sealed interface Decision {
        /** Try again after the policy's backoff, if attempts are left. */
        record Retry() implements Decision {}

        /** Try again after this wait, if attempts are left. */
        record RetryAfter(Duration pause) implements Decision {}

        /** Run again after this wait; the attempt is not counted. */
        record Snooze(Duration pause) implements Decision {}

        /** Make it a dead letter now. */
        record Fail() implements Decision {}
    }

    private RetryPolicy(
            int maxAttempts,
            Backoff backoff,
            @Nullable BiFunction<Integer, Throwable, Duration> custom,
            List<Rule> rules) {
        if (maxAttempts < 1 || maxAttempts > MOST_ATTEMPTS) {
            throw new IllegalArgumentException("maxAttempts " + maxAttempts + " is outside 1 to " + MOST_ATTEMPTS);
        }
        this.maxAttempts = maxAttempts;
        this.backoff = Objects.requireNonNull(backoff);
        this.custom = custom;
        this.rules = rules;
    }

    /** A policy of this many attempts in all, the first one included. */
    public static RetryPolicy of(Backoff backoff, int maxAttempts) {
        return new RetryPolicy(maxAttempts, backoff, null, List.of());
    }

    /** A policy of one attempt. */
    public static RetryPolicy never() {
        return of(Backoff.fixed(Duration.ZERO), 1);
    }

    /** Returns this policy with waits of your own: the function gets the attempt that failed (from 1) and the error. */
    public RetryPolicy waiting(BiFunction<Integer, Throwable, Duration> wait) {
        return new RetryPolicy(maxAttempts, backoff, wait, rules);
    }

    /** Returns this policy with another number of attempts. */
    public RetryPolicy attempts(int most) {
        return new RetryPolicy(most, backoff, custom, rules);
    }

    /** Returns this policy with another backoff. */
    public RetryPolicy backoff(Backoff other) {
        return new RetryPolicy(maxAttempts, other, null, rules);
    }

    /** Returns this policy with a rule: such an exception ends the job as a dead letter at once. */
    public RetryPolicy notOn(Class<? extends Throwable> type) {
        return on(type, error -> new Decision.Fail());
    }

    /** Returns this policy with a rule for such exceptions. */
    public <E extends Throwable> RetryPolicy on(Class<E> type, Function<? super E, Decision> decision) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(new Rule(type, error -> decision.apply(type.cast(error))));
        return new RetryPolicy(maxAttempts, backoff, custom, List.copyOf(more));
    }

    /** Returns how many attempts a job has in all. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** Returns the backoff that applies when no rule decides and no function was given. */
    public Backoff backoff() {
        return backoff;
    }

    /** Returns what to do after this error; {@link Decision.Retry} when no rule fits. */
    public Decision decide(Throwable error) {
        Throwable cause = error;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            for (Rule rule : rules) {
                if (rule.type.isInstance(cause)) {
                    return rule.decision.apply(cause);
                }
            }
            cause = cause.getCause();
        }
        return new Decision.Retry();
    }

    /** Returns the wait after this attempt (from 1) failed with this error; never negative. */
    public Duration waitAfter(int attempt, Throwable error, java.util.function.DoubleSupplier random) {
        if (custom == null) {
            return backoff.after(attempt, random);
        }
        Duration wait = custom.apply(attempt, error);
        return wait == null || wait.isNegative() ? Duration.ZERO : wait;
    }
}
