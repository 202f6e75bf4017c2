package io.penstock.worker;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for an answer of Redis on a thread that may wait: a handler's, or one that stops a worker. */
final class Await {
    /** Every call has a deadline of its own, well below this; this one only guards against a call that forgot it. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private Await() {}

    static <T> T on(CompletionStage<T> stage, String what) throws InterruptedException {
        try {
            return stage.toCompletableFuture().get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(what + " failed: " + failed.getCause(), failed.getCause());
        } catch (TimeoutException stuck) {
            throw new IllegalStateException(what + " had no answer for " + LONGEST + "; the attempt fails", stuck);
        }
    }
}
