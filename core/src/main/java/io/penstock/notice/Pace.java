package io.penstock.notice;

/**
 * A limit of messages a minute that no minute ever passes.
 *
 * <p>A bucket of a quarter of the limit, refilled by the other three quarters: what is saved up and what flows in during
 * a minute add up to the limit. Not thread-safe.
 */
final class Pace {
    private static final double MINUTE_NANOS = 60e9;

    private double size = 1;
    private double perNano;
    private double tokens;
    private long seenNanos;

    Pace(int perMinute, long nowNanos) {
        seenNanos = nowNanos;
        change(perMinute);
        tokens = size;
    }

    /** Goes by another limit from now on; what was used stays used. */
    void change(int perMinute) {
        size = Math.max(1, perMinute / 4);
        perNano = Math.max(1, perMinute - size) / MINUTE_NANOS;
        tokens = Math.min(tokens, size);
    }

    /** Returns how long to wait for the next message; 0 = it may go. */
    long waitNanos(long nowNanos) {
        tokens = Math.min(size, tokens + perNano * Math.max(0, nowNanos - seenNanos));
        seenNanos = nowNanos;
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / perNano);
    }

    /** Notes that one went. */
    void sent() {
        tokens--;
    }
}
