package io.penstock.cache;

import io.penstock.job.Payload;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Outage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values that were loaded once and are answered many times: from this process, else from Redis, else from the loader.
 *
 * <p>However many callers ask for a key at once, in however many processes, it is loaded once. What is answered is never
 * older than the ttl, and after an invalidation never older than it, once the other processes have its message (about a
 * round trip; if the message was lost with the connection, the near tier is dropped when that is back). Every caller gets
 * an object of its own.
 *
 * <p>Without Redis the near tier answers and loaders run, one a process and key; nothing waits for it longer than half a
 * second. Threads: safe; loaders run on the caller's thread, renewals of stale values on at most 16 of the cache. Bound:
 * the near tier's bytes, see {@link Caches}; a key 200 bytes, 16 tags of 100 bytes a value.
 */
public final class Cache<V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

    /** As with limits: keys are ids and addresses, and cost what they are long. */
    static final int MOST_KEY_BYTES = 200;

    static final int MOST_TAGS = 16;
    static final int MOST_TAG_BYTES = 100;

    private final String name;
    private final Class<V> type;
    private final CacheConfig config;
    private final Caches owner;
    private final Tiers tiers;
    private final Tally tally = new Tally();
    private final Outage renewing;
    private final Map<String, Flight> flights = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Cache(String name, Class<V> type, CacheConfig config, Caches owner, Tiers tiers) {
        this.name = name;
        this.type = type;
        this.config = config;
        this.owner = owner;
        this.tiers = tiers;
        this.renewing = new Outage(LOG, tiers.clock(), "renewing stale values of cache=" + name);
    }

    /**
     * Returns the value of a key; if neither tier has it, the loader's, which is kept under these tags.
     *
     * @param key 1 to 200 bytes in UTF-8
     * @return null if the loader said that there is none
     * @throws CacheLoadException if the loader failed, here or where this call waited for it; or that took twice the lease
     * @throws IllegalArgumentException if the value cannot be written as JSON, or a key or tag is outside its bounds
     */
    public @Nullable V get(String key, Loader<V> loader, String... tags) {
        NearKey place = place(key, tags);
        List<String> names = List.of(tags);
        Entry near = tiers.near().get(place);
        if (near != null) {
            tally.nearHits.increment();
            renewIfStale(near, place, loader, names);
            return decode(near.envelope);
        }
        tally.nearMisses.increment();
        Flight mine = new Flight();
        Flight other = flights.putIfAbsent(key, mine);
        if (other != null) {
            return decode(join(other, place).envelope);
        }
        try {
            Search.Result<V> found = new Search<>(this, place, loader, names).find();
            mine.landed(found.entry());
            renewIfStale(found.entry(), place, loader, names);
            return found.value();
        } catch (Throwable failure) {
            mine.crashed(failure);
            throw failure;
        } finally {
            flights.remove(key, mine);
        }
    }

    private Entry join(Flight other, NearKey place) {
        tally.waiting.increment();
        try {
            return other.await(place, 2 * config.lease().toMillis());
        } finally {
            tally.waiting.decrement();
        }
    }

    private void renewIfStale(Entry entry, NearKey place, Loader<V> loader, List<String> tags) {
        long now = tiers.clock().nanos();
        if (!entry.stale(now)) {
            return;
        }
        tally.staleServed.increment();
        if (entry.claimRefresh(now)) {
            tiers.refreshes().begin(() -> {
                try {
                    new Search<>(this, place, loader, tags).renew();
                    renewing.worked();
                } catch (RuntimeException failed) {
                    renewing.failed(failed);
                }
            });
        }
    }

    /** Returns the value of a key if a tier has it, stale or not; null if none has, or it is known that there is none. */
    public @Nullable V getIfPresent(String key) {
        NearKey place = place(key);
        Entry near = tiers.near().get(place);
        if (near != null) {
            tally.nearHits.increment();
            return decode(near.envelope);
        }
        tally.nearMisses.increment();
        Search.Result<V> found = new Search<V>(this, place, () -> null, List.of()).peek();
        return found == null ? null : found.value();
    }

    /**
     * Keeps a value under these tags; one that is being loaded meanwhile is not kept.
     *
     * @throws RedisException if Redis could not be told: this process has forgotten the old value, others may answer it
     *     until its ttl
     * @throws IllegalArgumentException if it cannot be written as JSON, or is larger than may be kept; nothing was changed
     */
    public void put(String key, V value, String... tags) {
        NearKey place = place(key, tags);
        byte[] json = Payload.encode(value);
        CacheConfig.check(
                !tooLarge(json),
                "value of " + name,
                json.length + " bytes",
                "at most " + config.maxValueBytes() + " bytes");
        forget(place);
        new Search<V>(this, place, () -> value, List.of(tags)).put(json);
    }

    /**
     * Forgets a key, in all processes.
     *
     * @throws RedisException if Redis could not be told: this process has forgotten it, others may answer it until its ttl
     */
    public void invalidate(String key) {
        NearKey place = place(key);
        forget(place);
        FarTier far = tiers.told(config);
        if (far != null) {
            far.remove(place, tiers.messages().key(place));
        }
    }

    /**
     * Forgets all values that were kept under a tag, in all processes; O(1), however many they are.
     *
     * @throws RedisException as {@link #invalidate}
     */
    public void invalidateTag(String tag) {
        checkTag(tag);
        outdate(tag);
    }

    /**
     * Forgets all values, in all processes; O(1) in Redis, where they expire by themselves.
     *
     * @throws RedisException as {@link #invalidate}
     */
    public void clear() {
        open();
        outdate("");
    }

    private void outdate(String tag) {
        outdatedHere(tag);
        FarTier far = tiers.told(config);
        if (far != null) {
            far.outdate(name, tag, config.versionMillis(), tiers.messages().tag(name, tag));
        }
    }

    /** Acts on what was invalidated here or elsewhere; empty = everything. */
    void outdatedHere(String tag) {
        tiers.stamps().outdateTag(name, tag);
        flights.clear(); // what they find may be older; those who come now look for themselves
        if (tag.isEmpty()) {
            owner.sweep();
        }
    }

    /** Acts on what was invalidated or put here or elsewhere. */
    void forget(NearKey place) {
        tiers.stamps().outdateKey(place);
        tiers.near().remove(place);
        flights.remove(place.key());
    }

    /** Returns what it has done in this process, and holds. */
    public CacheStats stats() {
        return tally.stats(name);
    }

    /** Returns its name, the same in all processes. */
    public String name() {
        return name;
    }

    /** Returns how it keeps its values. */
    public CacheConfig config() {
        return config;
    }

    /** Gives its memory back; its values stay in Redis until they expire. Calls from now on are refused. */
    @Override
    public void close() {
        closed = true;
        owner.closed(this);
        tiers.stamps().outdateTag(name, "");
        owner.sweep();
    }

    Tiers tiers() {
        return tiers;
    }

    Tally tally() {
        return tally;
    }

    @Nullable
    V decode(Envelope envelope) {
        byte[] bytes = envelope.bytes();
        return envelope.absent()
                ? null
                : Payload.decode(bytes, envelope.offset(), bytes.length - envelope.offset(), type);
    }

    boolean tooLarge(byte @Nullable [] json) {
        return json != null && json.length > config.maxValueBytes();
    }

    private void open() {
        if (closed) {
            throw new IllegalStateException(
                    "cache " + name + " is closed; nothing was done; open it anew, or use it before closing");
        }
    }

    private NearKey place(String key, String... tags) {
        open();
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        CacheConfig.check(
                bytes >= 1 && bytes <= MOST_KEY_BYTES,
                "key of " + name,
                bytes + " bytes",
                "1 to " + MOST_KEY_BYTES + " bytes; take a digest of longer ones");
        CacheConfig.check(tags.length <= MOST_TAGS, "tags of a value of " + name, tags.length, "0 to " + MOST_TAGS);
        for (String tag : tags) {
            checkTag(tag);
        }
        return new NearKey(name, key);
    }

    private void checkTag(String tag) {
        open();
        int bytes = tag.getBytes(StandardCharsets.UTF_8).length;
        CacheConfig.check(
                bytes >= 1 && bytes <= MOST_TAG_BYTES, "tag of " + name, bytes + " bytes", "1 to " + MOST_TAG_BYTES);
    }
}
