package io.penstock.memory.optimise;

import io.penstock.runtime.Subscription;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The collector as the optimiser needs it: what it found live, and whether it may be asked to look. */
interface Collector {
    /** Listens from now on, until the subscription is closed. */
    Subscription listen();

    /** Returns what the latest collection of the whole heap left, or null if none was heard of. */
    @Nullable
    Floor latest();

    /** Returns what the next collection of the whole heap leaves: one that ends after this call. */
    CompletableFuture<Floor> next();

    /**
     * Returns why no collection may be asked for now; empty = it may.
     *
     * @param gainBytes what it is expected to find dead
     * @param liveBytes what it is expected to find alive: the pause grows with it
     */
    String refusal(long gainBytes, long liveBytes, long maxBytes);

    /**
     * Collects now and returns what was left; blocks for as long as that takes.
     *
     * @throws Exception if it cannot
     */
    Floor collect(long liveBytes) throws Exception;

    /**
     * What was in use after a collection of the whole heap.
     *
     * @param exact whether the program stood still meanwhile, so that it is the live set and nothing else. Collectors that run
     *     beside the program count what was allocated meanwhile, and leave garbage in regions that are not worth emptying
     *     (measured: G1 on 17 and 25 left more than 50 of 73 MB after a concurrent cycle)
     * @param atNanos when it was heard of
     */
    record Floor(long bytes, boolean exact, long atNanos) {}
}
