package io.penstock.cache;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A value in the near tier: its bytes as in Redis, and by the clock of this process when it grows stale and when it dies.
 *
 * <p>Bytes, not the object: what they weigh is known, nobody can change them, and they need no second encoding. The price
 * is a decoding at each hit.
 */
final class Entry {
    /** A refresh that failed is tried again after this. */
    private static final long REFRESH_PAUSE_NANOS = 1_000_000_000;

    final Tally tally;
    final Envelope envelope;
    final List<String> tags;
    final long stamp;
    final long staleNanos;
    final long deadNanos;
    private final AtomicLong refreshNanos;

    Entry(Tally tally, Envelope envelope, long stamp, long staleNanos, long deadNanos) {
        this.tally = tally;
        this.envelope = envelope;
        this.tags = envelope.tags();
        this.stamp = stamp;
        this.staleNanos = staleNanos;
        this.deadNanos = deadNanos;
        this.refreshNanos = new AtomicLong(staleNanos);
    }

    boolean stale(long now) {
        return now - staleNanos >= 0;
    }

    /** Lets one caller a second through: it shall renew the value. */
    boolean claimRefresh(long now) {
        long due = refreshNanos.get();
        return now - due >= 0 && refreshNanos.compareAndSet(due, now + REFRESH_PAUSE_NANOS);
    }
}
