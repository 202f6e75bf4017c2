package io.penstock.memory.leak;

import io.penstock.runtime.Subscription;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Watches a sample of the things that must be closed: one that is collected without that was lost.
 *
 * <p>The queue of dead references is emptied by whoever calls {@link #poll}; there is no thread. Bound: {@value #MOST}
 * watched at once. Threads: safe.
 */
final class Handles {
    /** As Netty's detector samples its buffers. */
    static final int ONE_IN = 128;

    static final int MOST = 1_024;

    private final ReferenceQueue<Object> dead = new ReferenceQueue<>();
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final int oneIn;

    /** @param oneIn a power of two */
    Handles(int oneIn) {
        this.oneIn = oneIn;
    }

    /** Counts it as open and returns what closes it; that must not be kept by anything longer than the owner. */
    Subscription opened(OpenCounter counter, Object owner) {
        counter.opened();
        if ((ThreadLocalRandom.current().nextInt() & (oneIn - 1)) == 0 && watched.size() < MOST) {
            Watched one = new Watched(owner, dead, counter);
            watched.add(one);
            return () -> close(one);
        }
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                counter.closed();
            }
        };
    }

    private void close(Watched one) {
        if (watched.remove(one)) {
            one.clear();
            one.counter.closed();
        }
    }

    /** Counts those that were collected since the last call without having been closed. */
    void poll() {
        for (Object next = dead.poll(); next != null; next = dead.poll()) {
            if (next instanceof Watched one && watched.remove(one)) {
                one.counter.lost();
                one.counter.closed(); // what is collected is no longer open
            }
        }
    }

    private static final class Watched extends PhantomReference<Object> {
        private final OpenCounter counter;

        Watched(Object owner, ReferenceQueue<Object> dead, OpenCounter counter) {
            super(owner, dead);
            this.counter = counter;
        }
    }
}
