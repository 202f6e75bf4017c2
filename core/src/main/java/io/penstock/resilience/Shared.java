package io.penstock.resilience;

import io.penstock.runtime.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Calls under way and results that are still shared, by key.
 *
 * <p>Bound: {@value #MOST} keys; beyond, calls are made each for itself. A failure is shared with those who wait for it,
 * and then forgotten. Results are forgotten when the next call of any key comes after their time, or at the latest by
 * {@link #forget}. Threads: safe.
 */
final class Shared {
    static final int MOST = 10_000;

    private final Clock clock;
    private final long windowNanos;
    private final Map<String, First> calls = new HashMap<>(); // guarded by this
    private final Deque<First> ended = new ArrayDeque<>(); // guarded by this: the oldest first

    /** The first call of a key. */
    static final class First {
        final String key;
        final CompletableFuture<Object> result = new CompletableFuture<>();
        final Thread maker = Thread.currentThread();
        long forgetNanos; // set when it has ended

        First(String key) {
            this.key = key;
        }
    }

    Shared(Clock clock, long windowNanos) {
        this.clock = clock;
        this.windowNanos = windowNanos;
    }

    /** Returns the call to wait for; null if there is none, or no room, and {@code mine} is listed if there is. */
    synchronized @Nullable First join(First mine) {
        forget();
        First other = calls.get(mine.key);
        if (other == null && calls.size() < MOST) {
            calls.put(mine.key, mine);
        }
        return other;
    }

    void succeeded(First mine, @Nullable Object value) {
        synchronized (this) {
            if (calls.get(mine.key) == mine) {
                mine.forgetNanos = clock.nanos() + windowNanos;
                ended.addLast(mine);
            }
        }
        mine.result.complete(value);
    }

    void failed(First mine, Throwable failure) {
        synchronized (this) {
            calls.remove(mine.key, mine);
        }
        mine.result.completeExceptionally(
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
    }

    synchronized void forget() {
        long now = clock.nanos();
        for (First old = ended.peekFirst(); old != null && now - old.forgetNanos >= 0; old = ended.peekFirst()) {
            ended.removeFirst();
            calls.remove(old.key, old);
        }
    }

    synchronized int size() {
        return calls.size();
    }
}
