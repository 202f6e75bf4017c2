package io.penstock.memory.admission;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The wish for a collection, uttered at looks and fulfilled by the next thread of jobs that ends one: the timer's thread must not
 * wait for it. The JVM does the same at its own limit for direct buffers, where whoever wants one collects.
 *
 * <p>Threads: looks are guarded by the load line, taking it is safe.
 */
final class Wish {
    private static final long REST_NANOS = Duration.ofSeconds(1).toNanos();

    private final AtomicBoolean due = new AtomicBoolean();
    private long wishedNanos;

    Wish(long nowNanos) {
        wishedNanos = nowNanos - REST_NANOS;
    }

    void look(boolean wanted, long nowNanos) {
        if (!wanted) {
            due.set(false);
        } else if (nowNanos - wishedNanos >= REST_NANOS) {
            wishedNanos = nowNanos;
            due.set(true);
        }
    }

    boolean take() {
        return due.get() && due.compareAndSet(true, false);
    }
}
