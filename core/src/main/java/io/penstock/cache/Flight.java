package io.penstock.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One search for a value in this process: the caller that began it, and the others that wait for its end. */
final class Flight {
    private final CompletableFuture<Entry> end = new CompletableFuture<>();
    private final Thread pilot = Thread.currentThread();

    void landed(Entry entry) {
        end.complete(entry);
    }

    void crashed(Throwable failure) {
        end.completeExceptionally(failure);
    }

    /** @throws CacheLoadException if it failed, or did not end in time */
    Entry await(NearKey key, long millis) {
        if (pilot == Thread.currentThread()) {
            throw new IllegalStateException("cache " + key.cache() + ": the loader of a key asks for the same key;"
                    + " it would wait for itself; nothing was loaded; ask for what it needs elsewhere");
        }
        try {
            return end.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new CacheLoadException(
                    "cache " + key.cache() + ": the load that this call waited for failed: " + cause.getMessage(),
                    cause instanceof CacheLoadException && cause.getCause() != null ? cause.getCause() : cause);
        } catch (TimeoutException late) {
            throw new CacheLoadException(
                    "cache " + key.cache() + ": another caller's load has not ended within " + millis
                            + " ms, twice the lease; it goes on without this call; try again, or set a longer lease",
                    null);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CacheLoadException(
                    "cache " + key.cache() + ": waiting for a load was interrupted; the load goes on", stop);
        }
    }
}
