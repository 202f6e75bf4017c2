package io.penstock.cache;

import io.penstock.runtime.Threads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs what caches do in the background: they renew what is stale, and sweep.
 *
 * <p>Bound: {@value #MOST} threads at once, each for one value; what comes beyond is left to the next caller that meets
 * the stale value.
 */
final class Refreshes implements AutoCloseable {
    /** Renewals wait for what they load from; sixteen at a time spare it. */
    static final int MOST = 16;

    private static final long LONGEST_JOIN_MILLIS = 2_000;

    private final Threads threads;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile boolean closed;

    Refreshes(Threads threads) {
        this.threads = threads;
    }

    /** Runs it soon; false if there is no room. */
    synchronized boolean begin(Runnable work) {
        if (closed || running.size() >= MOST) {
            return false;
        }
        try {
            running.add(threads.startLight("cache-refresh", () -> {
                try {
                    work.run();
                } finally {
                    ended();
                }
            }));
            return true;
        } catch (IllegalStateException noThread) {
            return false;
        }
    }

    /** Waits for {@link #begin} to have noted the thread. */
    private synchronized void ended() {
        running.remove(Thread.currentThread());
    }

    /** Runs a sweep unless one is waiting to run; without room for it, memory comes back as values are used or displaced. */
    void sweep(Runnable work) {
        if (sweeping.compareAndSet(false, true)) {
            boolean begun = begin(() -> {
                sweeping.set(false);
                work.run();
            });
            if (!begun) {
                sweeping.set(false);
            }
        }
    }

    int running() {
        return running.size();
    }

    /** Interrupts what runs and waits for each, 2 s at most. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        for (Thread thread : running) {
            thread.interrupt();
        }
        for (Thread thread : running) {
            if (thread != Thread.currentThread()) {
                try {
                    thread.join(LONGEST_JOIN_MILLIS);
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
