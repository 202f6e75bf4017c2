package io.penstock.alert;

import io.penstock.runtime.Clock;

/**
 * The time that alerts go by, in milliseconds since 1970: steady as the clock of this process that never jumps, and
 * close to that of Redis, so that another process can go on where one ended.
 *
 * <p>Threads: safe.
 */
final class Timeline {
    /** What may lie between the two: a lost second moves no alert, and correcting it each time would make all stamps move. */
    private static final long TOLERANCE_MILLIS = 2_000;

    private final Clock clock;
    private long aheadMillis; // guarded by this

    /** Begins by the wall clock; whoever hears from Redis corrects it. */
    Timeline(Clock clock) {
        this.clock = clock;
        this.aheadMillis = clock.millis() - clock.nanos() / 1_000_000;
    }

    synchronized long now() {
        return clock.nanos() / 1_000_000 + aheadMillis;
    }

    /** Hears what time it is in Redis; returns by how much this time was moved, and so must be all stamps that are kept. */
    synchronized long correct(long redisMillis) {
        long by = redisMillis - now();
        if (Math.abs(by) <= TOLERANCE_MILLIS) {
            return 0;
        }
        aheadMillis += by;
        return by;
    }
}
