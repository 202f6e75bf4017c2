package io.penstock.queue;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.runtime.Clock;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A queue's settings as this process knows them. Whoever uses them when they are {@value #FRESH_SECONDS} s old has them read
 * anew behind his back, so what another process changed holds here soon after, and a queue that is not used costs nothing.
 *
 * <p>Threads: safe. Limits of jobs and bytes, pauses and rates are not among what this is for: Redis itself checks those.
 */
final class KnownSettings {
    /** Seconds: short enough for whoever changes a setting and looks, long enough that 1,000 queues cost 100 reads a second. */
    static final int FRESH_SECONDS = 10;

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(FRESH_SECONDS);

    private final Redis redis;
    private final Clock clock;
    private final QueueKeys keys;
    private final AtomicLong readNanos;
    private volatile QueueSettings known = QueueSettings.DEFAULT;

    KnownSettings(Redis redis, Clock clock, QueueKeys keys) {
        this.redis = redis;
        this.clock = clock;
        this.keys = keys;
        this.readNanos = new AtomicLong(clock.nanos() - FRESH_NANOS);
    }

    /** The settings as last read; asks for them, and does not wait, if that is long ago. */
    QueueSettings now() {
        long last = readNanos.get();
        long now = clock.nanos();
        if (now - last >= FRESH_NANOS && readNanos.compareAndSet(last, now)) {
            CompletionStage<QueueSettings> unused = read(); // if it fails, the old ones hold for as long again
        }
        return known;
    }

    /** What this process has just made of them. */
    void are(QueueSettings settings) {
        known = settings;
    }

    /** Reads them. One round trip. */
    CompletionStage<QueueSettings> read() {
        readNanos.set(clock.nanos());
        return redis.command("HGETALL", new Call(64).key(keys.settings)).thenApply(reply -> {
            QueueSettings read = SettingsFields.read(reply);
            known = read;
            return read;
        });
    }
}
