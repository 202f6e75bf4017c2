package io.penstock.resilience;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one thing outside, as its {@link CallPolicy} says.
 *
 * <p>Threads: safe. {@link #call} works on the caller's thread, which also waits between attempts; {@link #callAsync}
 * works on the caller's for the first attempt and on a light one of ours for each of the others. Bound: 10,000 waits of
 * all calls of the process and 10,000 shared keys of this one; without room for a wait there is no further attempt.
 */
public final class ResilientCall {
    private final CallPolicy policy;
    private final Clock clock;
    private final Alarms alarms;
    private final Threads threads;
    private final Budget budget;
    private final @Nullable Breaker breaker;
    private final @Nullable Shared shared;
    private final CallTally tally = new CallTally();
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long usedNanos;

    ResilientCall(CallPolicy policy, Clock clock, Alarms alarms, Threads threads) {
        this.policy = policy;
        this.clock = clock;
        this.alarms = alarms;
        this.threads = threads;
        this.usedNanos = clock.nanos();
        this.budget = new Budget(clock, policy.budget());
        this.breaker = policy.breakerShare() > 0 ? new Breaker(policy, clock) : null;
        this.shared = policy.dedup().isZero()
                ? null
                : new Shared(clock, policy.dedup().toNanos());
    }

    /** Makes a call that shares nothing; see {@link #call(String, Callable)}. */
    public <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
        tally.calls.increment();
        return attempts(work);
    }

    /**
     * Makes a call, or returns what another of the same key got within the window.
     *
     * @param key what tells equal calls apart from others; all calls of one key return the same type
     * @throws CallRefusedException if the breaker is open
     * @throws CallTimeoutException if the last attempt took too long
     * @throws Exception what the last attempt threw
     */
    // all calls of one key return the same type, and one that returns null says so by its T
    @SuppressWarnings({"unchecked", "NullAway"})
    public <T extends @Nullable Object> T call(String key, Callable<T> work) throws Exception {
        if (shared == null) {
            return call(work);
        }
        tally.calls.increment();
        Shared.First mine = new Shared.First(key);
        Shared.First other = shared.join(mine);
        if (other != null) {
            return (T) await(other);
        }
        try {
            T value = attempts(work);
            shared.succeeded(mine, value);
            return value;
        } catch (Throwable failure) {
            shared.failed(mine, failure);
            throw failure;
        }
    }

    private @Nullable Object await(Shared.First other) throws Exception {
        if (other.maker == Thread.currentThread() && !other.result.isDone()) {
            throw new IllegalStateException("call of " + policy.name() + " with key \"" + other.key
                    + "\" is made inside itself and would wait for itself; nothing was done; give it another key");
        }
        tally.shared.increment();
        try {
            return other.result.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw failed;
        }
    }

    private <T extends @Nullable Object> T attempts(Callable<T> work) throws Exception {
        begun();
        try {
            return repeatedly(work);
        } finally {
            over();
        }
    }

    private void begun() {
        budget.call();
        underWay.incrementAndGet();
        usedNanos = clock.nanos();
    }

    private void over() {
        underWay.decrementAndGet();
        usedNanos = clock.nanos();
    }

    /** Whether no call is under way. */
    boolean quiet() {
        return underWay.get() == 0;
    }

    /** How long ago it was used. */
    Duration unused() {
        return Duration.ofNanos(clock.nanos() - usedNanos);
    }

    private <T extends @Nullable Object> T repeatedly(Callable<T> work) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                T value = attempt(work);
                tally.succeeded.increment();
                return value;
            } catch (Exception failure) {
                CompletableFuture<Boolean> over = new CompletableFuture<>();
                if (!mayGoOn(attempt, failure, over) || !rings(over)) {
                    tally.failed.increment();
                    throw failure;
                }
                tally.retries.increment();
            }
        }
    }

    /** Waits for the next attempt's time; false = there will be none, because the calls are closed. */
    private boolean rings(CompletableFuture<Boolean> over) throws Exception {
        try {
            return over.get();
        } catch (InterruptedException stop) {
            over.complete(false);
            tally.failed.increment();
            throw stop;
        }
    }

    /** Returns how long to wait; null = there is no further attempt. */
    private @Nullable Duration waitAfter(int attempt, Throwable failure) {
        if (attempt >= policy.attempts()
                || failure instanceof CallRefusedException
                || failure instanceof InterruptedException
                || alarms.closed()
                || !policy.retryIf().test(failure)) {
            return null;
        }
        Duration asked = policy.asked().apply(failure);
        if (asked != null && asked.compareTo(policy.mostAsked()) > 0) {
            return null; // sooner than it asked would be in vain, and longer nobody waits here
        }
        if (!budget.retry()) {
            tally.outOfBudget.increment();
            return null;
        }
        Duration wait = policy.backoff().after(attempt, ThreadLocalRandom.current()::nextDouble);
        return asked == null || asked.compareTo(wait) < 0 ? wait : spread(asked);
    }

    /** Up to a tenth later: all who were refused at once were asked to come back at the same time. */
    private static Duration spread(Duration asked) {
        return asked.plusNanos(
                (long) (asked.toNanos() * 0.1 * ThreadLocalRandom.current().nextDouble()));
    }

    private <T extends @Nullable Object> T attempt(Callable<T> work) throws Exception {
        admit();
        long begin = clock.nanos();
        Interrupter interrupter = policy.timeout().isZero() ? null : new Interrupter(Thread.currentThread());
        try {
            if (interrupter != null) {
                alarms.set(policy.timeout(), interrupter.alarm());
            }
            T value = work.call();
            ended(begin, null);
            return value;
        } catch (Throwable failure) {
            boolean late = interrupter != null && interrupter.end();
            Throwable told = late ? new CallTimeoutException(policy.name(), policy.timeout()) : failure;
            ended(begin, told);
            if (late) {
                told.addSuppressed(failure);
                throw (CallTimeoutException) told;
            }
            throw failure;
        } finally {
            if (interrupter != null) {
                interrupter.end();
            }
        }
    }

    private void admit() {
        if (breaker != null) {
            try {
                breaker.admit();
            } catch (CallRefusedException open) {
                tally.refused.increment();
                throw open;
            }
        }
        tally.attempts.increment();
    }

    private void ended(long begin, @Nullable Throwable failure) {
        if (failure instanceof CallTimeoutException) {
            tally.timeouts.increment();
        }
        if (breaker == null) {
            return;
        }
        long nanos = clock.nanos() - begin;
        if (failure == null) {
            breaker.succeeded(nanos);
        } else if (failure instanceof InterruptedException) {
            breaker.abandoned();
        } else {
            breaker.failed(nanos, failure);
        }
    }

    /** Makes a call that shares nothing; see {@link #callAsync(String, Supplier)}. */
    public <T> CompletionStage<T> callAsync(Supplier<? extends CompletionStage<T>> work) {
        tally.calls.increment();
        return begin(work);
    }

    /**
     * Makes a call without waiting for it, or joins another of the same key within the window.
     *
     * @return fails with what the last attempt failed with, as {@link #call(String, Callable)} throws it; to be late does
     *     not stop what was begun
     */
    @SuppressWarnings("unchecked") // all calls of one key return the same type
    public <T> CompletionStage<T> callAsync(String key, Supplier<? extends CompletionStage<T>> work) {
        Shared together = shared;
        if (together == null) {
            return callAsync(work);
        }
        tally.calls.increment();
        Shared.First mine = new Shared.First(key);
        Shared.First other = together.join(mine);
        if (other != null) {
            tally.shared.increment();
            return (CompletionStage<T>) other.result.copy();
        }
        return begin(work).whenComplete((value, failure) -> {
            if (failure == null) {
                together.succeeded(mine, value);
            } else {
                together.failed(mine, failure);
            }
        });
    }

    private <T> CompletableFuture<T> begin(Supplier<? extends CompletionStage<T>> work) {
        begun();
        CompletableFuture<T> result = new CompletableFuture<>();
        var unused = result.whenComplete((value, failure) -> over());
        next(work, 1, result);
        return result;
    }

    private <T> void next(Supplier<? extends CompletionStage<T>> work, int attempt, CompletableFuture<T> result) {
        var unused = one(work).whenComplete((value, error) -> {
            if (error == null) {
                tally.succeeded.increment();
                result.complete(value);
                return;
            }
            Throwable failure = cause(error);
            CompletableFuture<Boolean> over = new CompletableFuture<>();
            if (!mayGoOn(attempt, failure, over)) {
                tally.failed.increment();
                result.completeExceptionally(failure);
                return;
            }
            var unusedRing = over.thenAccept(rung -> {
                if (rung) {
                    again(work, attempt + 1, result, failure);
                } else {
                    tally.failed.increment();
                    result.completeExceptionally(failure);
                }
            });
        });
    }

    /** Sets the alarm of the next attempt, if there is to be one. */
    private boolean mayGoOn(int attempt, Throwable failure, CompletableFuture<Boolean> over) {
        try {
            Duration wait = waitAfter(attempt, failure);
            return wait != null && alarms.set(wait, over);
        } catch (RuntimeException ofTheUsersPredicate) {
            failure.addSuppressed(ofTheUsersPredicate);
            return false;
        }
    }

    private static Throwable cause(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    /** The timer's thread is for all: what the caller gave may take its time, so it gets a thread. */
    private <T> void again(
            Supplier<? extends CompletionStage<T>> work, int attempt, CompletableFuture<T> result, Throwable failure) {
        try {
            threads.startLight("call-" + policy.name(), () -> {
                tally.retries.increment();
                next(work, attempt, result);
            });
        } catch (IllegalStateException noThread) {
            tally.failed.increment();
            result.completeExceptionally(failure);
        }
    }

    private <T> CompletableFuture<T> one(Supplier<? extends CompletionStage<T>> work) {
        CompletableFuture<T> end = new CompletableFuture<>();
        try {
            admit();
        } catch (CallRefusedException open) {
            end.completeExceptionally(open);
            return end;
        }
        long begin = clock.nanos();
        CompletableFuture<Boolean> late = new CompletableFuture<>();
        var unusedEnd = end.whenComplete((value, failure) -> {
            ended(begin, failure);
            late.complete(false);
        });
        try {
            var unused = work.get().whenComplete((value, error) -> {
                if (error == null) {
                    end.complete(value);
                } else {
                    end.completeExceptionally(cause(error));
                }
            });
        } catch (Throwable thrown) {
            end.completeExceptionally(thrown);
        }
        if (!policy.timeout().isZero() && !end.isDone() && alarms.set(policy.timeout(), late)) {
            var unusedAlarm = late.thenAccept(rung -> {
                if (rung) {
                    end.completeExceptionally(new CallTimeoutException(policy.name(), policy.timeout()));
                }
            });
        }
        return end;
    }

    /** Returns what its calls came to. */
    public CallStats stats() {
        if (shared != null) {
            shared.forget();
        }
        return tally.stats(
                policy.name(), breaker == null ? "none" : breaker.state(), shared == null ? 0 : shared.size());
    }

    /** Returns how its calls are made. */
    public CallPolicy policy() {
        return policy;
    }

    void forget() {
        if (shared != null) {
            shared.forget();
        }
    }
}
