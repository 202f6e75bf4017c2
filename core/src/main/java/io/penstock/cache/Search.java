package io.penstock.cache;

import io.penstock.job.Payload;
import io.penstock.redis.RedisException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One search for the value of a key, by the one caller of this process that makes it: near, far, loader.
 *
 * <p>Whoever loads holds a lease in Redis; the others wait for its end, told by a message or by asking again, so a loader
 * that dies is missed for as long as its lease at most. A Redis that fails on the way is left out, never waited for.
 */
final class Search<V> {
    /** Messages may be lost; asked this often, one waiter costs Redis four scripts a second. */
    private static final long POLL_MILLIS = 250;

    /** Those who wait for a lease to run out do not all come in the same millisecond. */
    private static final long SPREAD_MILLIS = 20;

    private final Cache<V> cache;
    private final Tiers tiers;
    private final NearKey key;
    private final Loader<V> loader;
    private final List<String> tags;
    private final String token = FarTier.nonce();

    Search(Cache<V> cache, NearKey key, Loader<V> loader, List<String> tags) {
        this.cache = cache;
        this.tiers = cache.tiers();
        this.key = key;
        this.loader = loader;
        this.tags = tags;
    }

    /** @param value null if there is none */
    record Result<V>(Entry entry, @Nullable V value) {}

    /** @throws CacheLoadException if the loader failed */
    Result<V> find() {
        Result<V> near = near();
        if (near != null) {
            return near;
        }
        FarTier far = tiers.usable(cache.config());
        if (far != null) {
            try {
                Found<V> found = look(far);
                return found.result != null ? found.result : leased(far, found.seen);
            } catch (RedisException away) {
                cache.tally().farFailures.increment();
                far.failed(away);
            }
        }
        return load(null);
    }

    /** Somebody may have kept it just before this search began. */
    private @Nullable Result<V> near() {
        Entry entry = tiers.near().get(key);
        return entry == null ? null : new Result<>(entry, cache.decode(entry.envelope));
    }

    /** Renews a value that is stale, unless another process does. */
    void renew() {
        FarTier far = tiers.usable(cache.config());
        if (far != null) {
            try {
                Found<V> found = look(far);
                if (found.result != null
                        && !found.result.entry().stale(tiers.clock().nanos())) {
                    return;
                }
                if (!far.lease(key, token, cache.config().lease(), found.seen, false)
                        .granted()) {
                    return;
                }
                load(far);
                return;
            } catch (RedisException away) {
                cache.tally().farFailures.increment();
                far.failed(away);
            }
        }
        load(null);
    }

    /** Asks Redis and no loader; null if it has nothing, or is away. */
    @Nullable
    Result<V> peek() {
        FarTier far = tiers.usable(cache.config());
        if (far == null) {
            return null;
        }
        try {
            return look(far).result;
        } catch (RedisException away) {
            cache.tally().farFailures.increment();
            far.failed(away);
            return null;
        }
    }

    /** Keeps a value in both tiers. */
    void put(byte[] json) {
        long keyStamp = tiers.stamps().key(key);
        long stamp = tiers.stamps().cache(key.cache()) + tiers.stamps().tags(key.cache(), tags);
        FarTier far = tiers.told(cache.config());
        Entry entry = entry(json, far == null ? unversioned() : far.versions(key.cache(), tags), stamp);
        if (far != null) {
            far.put(key, entry.envelope, tiers.messages().key(key));
        }
        tiers.near().put(key, entry, keyStamp);
    }

    /** @param result null if there is nothing that can be used */
    private record Found<V>(@Nullable Result<V> result, byte[] seen) {}

    private Found<V> look(FarTier far) {
        long keyStamp = tiers.stamps().key(key);
        long begin = tiers.clock().nanos();
        FarTier.Found found = far.read(key);
        Envelope envelope = found.envelope();
        if (envelope == null) {
            cache.tally().farMisses.increment();
            return new Found<>(null, found.seen());
        }
        V value;
        try {
            value = cache.decode(envelope);
        } catch (IllegalArgumentException ofAnotherRelease) {
            cache.tally().farMisses.increment();
            return new Found<>(null, found.seen()); // loaded anew, and replaced
        }
        long dead = begin + TimeUnit.MILLISECONDS.toNanos(found.leftMillis());
        long stale = dead - TimeUnit.MILLISECONDS.toNanos(envelope.lifeMillis() - envelope.staleMillis());
        Entry entry = new Entry(cache.tally(), envelope, found.stamp(), stale, dead);
        tiers.near().put(key, entry, keyStamp);
        cache.tally().farHits.increment();
        return new Found<>(new Result<>(entry, value), found.seen());
    }

    private Result<V> leased(FarTier far, byte[] firstSeen) {
        Duration lease = cache.config().lease();
        long deadline = tiers.clock().nanos() + lease.toNanos();
        byte[] seen = firstSeen;
        try {
            while (true) {
                CompletableFuture<Boolean> end = tiers.messages().end(key);
                FarTier.Right right = far.lease(key, token, lease, seen, true);
                if (right.granted()) {
                    return load(far);
                }
                if (right.changed()) {
                    Found<V> found = look(far);
                    if (found.result != null) {
                        return found.result;
                    }
                    seen = found.seen;
                } else {
                    await(end, right.leftMillis() + ThreadLocalRandom.current().nextLong(1, SPREAD_MILLIS));
                }
                if (tiers.clock().nanos() - deadline >= 0) {
                    return load(null);
                }
            }
        } finally {
            tiers.messages().forget(key);
        }
    }

    private void await(CompletableFuture<Boolean> end, long millis) {
        cache.tally().waiting.increment();
        try {
            end.get(Math.min(millis, POLL_MILLIS), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException askAgain) {
            // messages are hints
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CacheLoadException(
                    "cache " + key.cache() + ": waiting for the load of another process was interrupted; it goes on",
                    stop);
        } finally {
            cache.tally().waiting.decrement();
        }
    }

    /** @param held where this search holds the lease; null = it does not, and keeps the value near only */
    private Result<V> load(@Nullable FarTier held) {
        long keyStamp = tiers.stamps().key(key);
        long stamp = tiers.stamps().cache(key.cache()) + tiers.stamps().tags(key.cache(), tags);
        boolean kept = false;
        boolean drop = false;
        try {
            Map<String, String> versions = held == null ? unversioned() : held.versions(key.cache(), tags);
            V value = call();
            byte[] json = value == null ? null : Payload.encode(value);
            CacheConfig config = cache.config();
            drop = value == null ? config.absentTtl().isZero() : cache.tooLarge(json);
            Entry entry = entry(json, versions, stamp);
            if (drop) {
                if (value != null) {
                    cache.tally().notKept.increment();
                }
                return new Result<>(entry, value);
            }
            kept = held != null;
            if (held == null || store(held, entry)) {
                tiers.near().put(key, entry, keyStamp);
            } else {
                cache.tally().notKept.increment();
            }
            return new Result<>(entry, value);
        } finally {
            if (held != null && !kept) {
                held.release(key, token, drop, tiers.messages().done(key));
            }
        }
    }

    private Map<String, String> unversioned() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("", "");
        tags.forEach(tag -> versions.put(tag, ""));
        return versions;
    }

    private @Nullable V call() {
        Tally tally = cache.tally();
        long begin = tiers.clock().nanos();
        boolean loaded = false;
        try {
            V value = loader.load();
            loaded = true;
            return value;
        } catch (Exception failed) {
            if (failed instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new CacheLoadException(
                    "cache " + key.cache() + ": the loader failed: " + failed.getMessage()
                            + "; nothing was kept; the next call tries again",
                    failed);
        } finally {
            tally.loads.increment();
            tally.loadNanos.add(tiers.clock().nanos() - begin);
            if (!loaded) {
                tally.loadFailures.increment();
            }
        }
    }

    private Entry entry(byte @Nullable [] json, Map<String, String> versions, long stamp) {
        CacheConfig config = cache.config();
        double factor = 1 - config.jitter() * ThreadLocalRandom.current().nextDouble();
        Duration longest = json == null ? config.absentTtl() : config.ttl();
        Duration fresh = json == null ? config.absentTtl() : config.staleAfter();
        long life = Math.max(1, (long) (longest.toMillis() * factor));
        long stale = Math.max(1, (long) (fresh.toMillis() * factor));
        long now = tiers.clock().nanos();
        return new Entry(
                cache.tally(),
                Envelope.of(json, life, stale, versions),
                stamp,
                now + TimeUnit.MILLISECONDS.toNanos(stale),
                now + TimeUnit.MILLISECONDS.toNanos(life));
    }

    /** Answers whether it may be kept near: yes also if Redis could not take it, no if it was outdated meanwhile. */
    private boolean store(FarTier held, Entry entry) {
        try {
            return held.store(key, token, entry.envelope, tiers.messages().done(key));
        } catch (RedisException away) {
            cache.tally().farFailures.increment();
            held.failed(away);
            return true;
        }
    }
}
