package io.penstock.queue;

import io.penstock.runtime.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Tells the workers of this process of the ready jobs that this process adds, so that they need not hear of them from
 * Redis.
 *
 * <p>A worker that asks as soon as jobs are sent asks on the same connection, so its take reaches Redis right behind them:
 * one round trip from enqueueing to start instead of two and a message. The message that Redis publishes for other
 * processes comes here too and is known by the block of the jobs.
 *
 * <p>Bound: one listener a worker, {@value #BLOCKS} blocks. Threads: safe.
 */
final class Arrivals {
    /** Two lanes of producers, and for each the block that it has just left: its messages may still come. */
    private static final int BLOCKS = 4;

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicReferenceArray<String> blocks = new AtomicReferenceArray<>(BLOCKS);
    private int next; // guarded by this

    /** What a worker does about jobs of its own process. */
    interface Listener {
        /** Jobs are on their way: a take that is sent now comes right behind them. */
        void sent();

        /** They are there, perhaps only after they were sent again, so that the take behind them found nothing. */
        void arrived();
    }

    Subscription listen(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Ready jobs of this block were handed to the connection. */
    void sent(String block) {
        if (!listeners.isEmpty()) {
            if (!ours(block)) {
                remember(block);
            }
            listeners.forEach(Listener::sent);
        }
    }

    /** Redis said that it has them. */
    void arrived() {
        listeners.forEach(Listener::arrived);
    }

    /** Tells whether a message about this block is news from this process. */
    boolean ours(String block) {
        for (int i = 0; i < BLOCKS; i++) {
            if (block.equals(blocks.get(i))) {
                return true;
            }
        }
        return false;
    }

    private synchronized void remember(String block) {
        blocks.set(next, block);
        next = (next + 1) % BLOCKS;
    }
}
