package io.penstock.cache;

import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.redis.Script;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all caches say to Redis.
 *
 * <p>Who reads a cache does not wait for a Redis that is slow: after {@value #PATIENCE_MILLIS} ms it is left alone for
 * {@value #PAUSE_MILLIS} ms, so callers never pile up behind it. Who invalidates waits as long as any other call, because
 * it must know. Keys of one value share a hash tag, the versions of one cache another. Threads: safe.
 */
final class FarTier {
    /** A hundred times a slow answer; a loader that takes 50 ms is worth no longer wait. */
    private static final long PATIENCE_MILLIS = 500;

    private static final long PAUSE_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

    private final Redis redis;
    private final Clock clock;
    private final Stamps stamps;
    private final Outage outage;
    private volatile long pausedUntilNanos;

    FarTier(Redis redis, Clock clock, Stamps stamps) {
        this.redis = redis;
        this.clock = clock;
        this.stamps = stamps;
        this.outage = new Outage(LOG, clock, "asking Redis for cached values");
        this.pausedUntilNanos = clock.nanos();
    }

    /**
     * What a reader met.
     *
     * @param envelope null if there is nothing that may be used
     * @param seen id of what lies there, outdated or not; empty = nothing
     * @param stamp of its cache and tags before their versions were read
     */
    record Found(@Nullable Envelope envelope, byte[] seen, long leftMillis, long stamp) {}

    /** What {@code lease.lua} says. */
    record Right(boolean granted, boolean changed, long leftMillis) {}

    boolean usable() {
        return redis.connected() && clock.nanos() - pausedUntilNanos >= 0;
    }

    /** Takes note of a failure that a reader goes on without. */
    void failed(RedisException failure) {
        if (failure instanceof RedisException.Unreachable) {
            pausedUntilNanos = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
        }
        outage.failed(failure);
    }

    /** Reads a value and the versions of its cache and tags: one round trip, two for a value with tags. */
    Found read(NearKey key) {
        long stamp = stamps.cache(key.cache());
        CompletionStage<List<Object>> left = redis.command("PTTL", new Call(128).key(valueKey(key)));
        CompletionStage<List<Object>> value = redis.command("GET", new Call(128).key(valueKey(key)));
        CompletionStage<Map<String, String>> versions = ask(key.cache(), List.of());
        long millis = (Long) soon(left).get(0); // asked before the value, so that it is never given a longer life
        Object bytes = soon(value).get(0);
        Map<String, String> current = soon(versions);
        outage.worked();
        if (bytes == null) {
            return new Found(null, new byte[0], 0, stamp);
        }
        byte[] seen = Envelope.id((byte[]) bytes);
        Envelope envelope = millis <= 0 ? null : Envelope.read((byte[]) bytes);
        if (envelope == null) {
            return new Found(null, seen, 0, stamp);
        }
        if (!envelope.tags().isEmpty()) {
            stamp += stamps.tags(key.cache(), envelope.tags());
            current = soon(ask(key.cache(), envelope.tags()));
        }
        return new Found(envelope.versions().equals(current) ? envelope : null, seen, millis, stamp);
    }

    /** Returns the versions of a cache (under the empty name) and of some tags, as they are now. */
    Map<String, String> versions(String cache, List<String> tags) {
        return soon(ask(cache, tags));
    }

    private CompletionStage<Map<String, String>> ask(String cache, List<String> tags) {
        Call call = new Call(128).key(versionKey(cache, ""));
        tags.forEach(tag -> call.key(versionKey(cache, tag)));
        return redis.command("MGET", call).thenApply(reply -> {
            Map<String, String> versions = new LinkedHashMap<>();
            List<String> names = new ArrayList<>(List.of(""));
            names.addAll(tags);
            for (int i = 0; i < names.size(); i++) {
                versions.put(names.get(i), reply.get(i) == null ? "" : Redis.text(reply.get(i)));
            }
            return versions;
        });
    }

    /** Asks for the right to load. */
    Right lease(NearKey key, String token, Duration length, byte[] seen, boolean waits) {
        Call call = keys(key).arg(token).arg(length.toMillis()).arg(seen).arg(waits ? 1 : 0);
        List<Object> reply = soon(redis.eval(Scripts.LEASE, call));
        long answer = (Long) reply.get(0);
        return new Right(answer == 1, answer == 2, answer == 0 ? (Long) reply.get(1) : 0);
    }

    /** Keeps what was loaded; false if the right was lost meanwhile. */
    boolean store(NearKey key, String token, Envelope envelope, String done) {
        Call call = keys(key).arg(token).arg(envelope.bytes()).arg(envelope.lifeMillis());
        return yes(soon(redis.eval(Scripts.STORE, call.arg(Messages.CHANNEL).arg(done))));
    }

    /** Gives the right back, without waiting; if that fails it runs out by itself. */
    void release(NearKey key, String token, boolean drop, String done) {
        Call call = keys(key).arg(token).arg(drop ? 1 : 0).arg(Messages.CHANNEL).arg(done);
        var unused = redis.eval(Scripts.RELEASE, call);
    }

    void put(NearKey key, Envelope envelope, String message) {
        Call call = keys(key).arg(envelope.bytes()).arg(envelope.lifeMillis());
        tell(Scripts.PUT, call, message);
    }

    boolean remove(NearKey key, String message) {
        return yes(tell(Scripts.REMOVE, keys(key), message));
    }

    /** @param tag empty = the whole cache */
    void outdate(String cache, String tag, long lifeMillis, String message) {
        tell(
                Scripts.OUTDATE,
                new Call(256).key(versionKey(cache, tag)).arg(nonce()).arg(lifeMillis),
                message);
    }

    private List<Object> tell(Script script, Call call, String message) {
        return redis.await(redis.eval(script, call.arg(Messages.CHANNEL).arg(message)));
    }

    private static boolean yes(List<Object> reply) {
        return (Long) reply.get(0) == 1;
    }

    /** Waits as long as a reader should. */
    private <T> T soon(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw Redis.unwrapped(failed);
        } catch (TimeoutException late) {
            pausedUntilNanos = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            throw new RedisException(
                    "cache: no answer from Redis within " + PATIENCE_MILLIS
                            + " ms; for the next " + PAUSE_MILLIS
                            + " ms values are loaded without it; see the latency of Redis",
                    late);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CacheLoadException("cache: waiting for Redis was interrupted; nothing was loaded or kept", stop);
        }
    }

    private static Call keys(NearKey key) {
        return new Call(512).key(valueKey(key)).key(part(key, "l")).key(part(key, "w"));
    }

    static byte[] valueKey(NearKey key) {
        return part(key, "v");
    }

    private static byte[] part(NearKey key, String part) {
        return Redis.utf8("pk:cache:{" + key.cache() + ":" + key.key() + "}:" + part);
    }

    static byte[] versionKey(String cache, String tag) {
        return Redis.utf8("pk:cache:{" + cache + "}:" + (tag.isEmpty() ? "g" : "t:" + tag));
    }

    static String nonce() {
        byte[] random = new byte[9];
        ThreadLocalRandom.current().nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }
}
