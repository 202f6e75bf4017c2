package io.penstock.redis;

import io.penstock.runtime.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The openings of a {@link RedisPool}: how many are under way, when the next may begin after a failure, and what went wrong
 * last. Not thread-safe: the pool's lock guards it.
 */
final class PoolAttempts {
    /** Wait after a connection could not be opened, doubled each time up to the second: one attempt at a time, not max. */
    private static final long FIRST_BACKOFF_MILLIS = 20;

    private static final long LONGEST_BACKOFF_MILLIS = 1_000;

    private final Clock clock;
    private int underWay;
    private int failures;
    private long retryNanos;
    private @Nullable Throwable lastTrouble;
    private long lastTroubleNanos;

    PoolAttempts(Clock clock) {
        this.clock = clock;
    }

    int underWay() {
        return underWay;
    }

    /** Begins as many as are missing and may begin now; after a failure one alone, and not before its wait is over. */
    int begin(int missing, int room) {
        int most = failures == 0 ? room : underWay > 0 || clock.nanos() - retryNanos < 0 ? 0 : 1;
        int begun = Math.max(0, Math.min(missing, Math.min(room, most)));
        underWay += begun;
        return begun;
    }

    void worked() {
        underWay--;
        failures = 0;
    }

    void failed(Throwable error) {
        underWay--;
        failures++;
        long ceiling = Math.min(LONGEST_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(failures, 10));
        long wait = ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2);
        retryNanos = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(wait);
        trouble(error);
    }

    /** Something else went wrong with a connection. */
    void trouble(Throwable error) {
        lastTrouble = error;
        lastTroubleNanos = clock.nanos();
    }

    /** How long until the next may begin; 0 = it may, or one is under way. */
    long waitNanos() {
        return failures > 0 && underWay == 0 ? Math.max(0, retryNanos - clock.nanos()) : 0;
    }

    @Nullable
    Throwable lastTrouble() {
        return lastTrouble;
    }

    /** What went wrong last and how long ago, in words. */
    String toldTrouble() {
        Throwable last = lastTrouble;
        return last == null
                ? "none"
                : Connection.rootMessage(last) + " (" + TimeUnit.NANOSECONDS.toMillis(clock.nanos() - lastTroubleNanos)
                        + " ms ago)";
    }
}
