package io.penstock.redis;

import java.util.concurrent.TimeUnit;

/** How long a {@link RedisPool} let callers wait and its connections took to answer. Threads: safe but for {@link #roll}. */
final class PoolTimes {
    /** The statistics cover one to two of these. */
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    final Latency acquires = new Latency();
    final Latency responses = new Latency();
    private long rolledNanos;

    PoolTimes(long nowNanos) {
        this.rolledNanos = nowNanos;
    }

    /** Forgets what is two windows old; one caller at a time. */
    void roll(long nowNanos) {
        if (nowNanos - rolledNanos >= WINDOW_NANOS) {
            rolledNanos = nowNanos;
            acquires.roll();
            responses.roll();
        }
    }
}
