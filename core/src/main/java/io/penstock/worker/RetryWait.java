package io.penstock.worker;

import io.penstock.runtime.Outage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Backs off from a Redis that does not answer: full jitter under a ceiling that doubles.
 *
 * <p>Threads: one.
 */
final class RetryWait {
    private static final long FIRST_NANOS = 50_000_000L;

    /** 5 s: soon enough for people, seldom enough for a Redis that is just coming up under thousands of workers. */
    private static final long MOST_NANOS = 5_000_000_000L;

    private final Outage outage;
    private int failures;
    private long untilNanos;

    RetryWait(Outage outage) {
        this.outage = outage;
    }

    void worked() {
        failures = 0;
        outage.worked();
    }

    void failed(Throwable error, long now) {
        outage.failed(error);
        long ceiling = Math.min(MOST_NANOS, FIRST_NANOS << Math.min(failures, 10));
        failures++;
        untilNanos = now + ceiling / 10 + ThreadLocalRandom.current().nextLong(ceiling);
    }

    /** Returns how long to wait yet; 0 = go on. */
    long waitNanos(long now) {
        return failures == 0 ? 0 : Math.max(0, untilNanos - now);
    }

    /** Returns why this reply, which is there, is none; null if it is one. */
    static @Nullable Throwable failure(CompletableFuture<?> done) {
        if (!done.isCompletedExceptionally()) {
            return null;
        }
        try {
            done.join();
            return null;
        } catch (CompletionException wrapped) {
            Throwable cause = wrapped.getCause();
            return cause == null ? wrapped : cause;
        } catch (RuntimeException cancelled) {
            return cancelled;
        }
    }
}
