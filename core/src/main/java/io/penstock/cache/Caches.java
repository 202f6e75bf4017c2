package io.penstock.cache;

import io.penstock.job.Names;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The caches of one process: one bound in bytes for what all of them hold near, one subscription for what all are told.
 *
 * <p>Bound: {@value #MOST_CACHES} caches; near bytes by default a sixteenth of the heap. Threads: safe; see {@link Cache}.
 * The owner closes it before its Redis.
 */
public final class Caches implements AutoCloseable {
    static final int MOST_CACHES = 128;

    /** Of the heap: caches are the first thing to be given up, so there should not be much to give up. */
    private static final int HEAP_PART = 16;

    private static final long LEAST_BYTES = 1 << 20;

    private final @Nullable Redis redis;
    private final Tiers tiers;
    private final Map<String, Cache<?>> open = new ConcurrentHashMap<>();
    private final @Nullable CacheReports reports;
    private @Nullable Subscription subscription; // guarded by this
    private boolean closed; // guarded by this

    /** No cache yet; nothing is subscribed before the first. */
    public Caches(Redis redis, Timer timer, Threads threads) {
        this.redis = redis;
        this.tiers = tiers(redis, timer, threads);
        this.reports = new CacheReports(redis, timer, this::stats);
    }

    /** For caches without Redis only. */
    Caches(Timer timer, Threads threads) {
        this.redis = null;
        this.tiers = tiers(null, timer, threads);
        this.reports = null;
    }

    private Tiers tiers(@Nullable Redis far, Timer timer, Threads threads) {
        Stamps stamps = new Stamps();
        return new Tiers(
                new NearTier(defaultBytes(), stamps, timer.clock()),
                far == null ? null : new FarTier(far, timer.clock(), stamps),
                stamps,
                new Messages(new Told()),
                new Refreshes(threads),
                timer.clock());
    }

    private static long defaultBytes() {
        return Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PART);
    }

    /** What other processes say. */
    private final class Told implements Messages.Receiver {
        @Override
        public void key(NearKey key) {
            Cache<?> cache = open.get(key.cache());
            if (cache != null) {
                cache.forget(key);
            }
        }

        @Override
        public void tag(String name, String tag) {
            Cache<?> cache = open.get(name);
            if (cache != null) {
                cache.outdatedHere(tag);
            }
        }
    }

    /**
     * Opens a cache of values that are written as JSON and read into this class.
     *
     * @param name as a queue's; the same in all processes that share it
     * @throws IllegalStateException if one of that name is open here, or {@value #MOST_CACHES} are
     * @throws RedisException if Redis cannot be reached to subscribe
     */
    public synchronized <V> Cache<V> open(String name, Class<V> type, CacheConfig config) {
        Names.check("cache", name);
        if (closed || open.containsKey(name) || open.size() >= MOST_CACHES) {
            throw new IllegalStateException("cache " + name + " was not opened: "
                    + (closed
                            ? "the caches are closed"
                            : open.containsKey(name)
                                    ? "it is open already"
                                    : open.size() + " caches are open, the most there may be")
                    + "; nothing was changed; open each cache once and keep it");
        }
        if (redis != null && !config.nearOnly() && subscription == null) {
            subscription = redis.subscriber().subscribe(Messages.CHANNEL, tiers.messages()::receive, this::missed);
        }
        Cache<V> cache = new Cache<>(name, type, config, this, tiers);
        open.put(name, cache);
        if (reports != null && !config.nearOnly()) {
            reports.start();
        }
        return cache;
    }

    /** The subscription has begun, maybe anew: what was told before was missed, so nothing near can be trusted. */
    private void missed() {
        tiers.stamps().outdateAll();
        sweep();
    }

    void sweep() {
        tiers.refreshes().sweep(tiers.near()::sweep);
    }

    void closed(Cache<?> cache) {
        open.remove(cache.name(), cache);
    }

    /** Returns what each cache has done in this process and holds here, by name. */
    public List<CacheStats> stats() {
        List<CacheStats> all = new ArrayList<>();
        open.values().forEach(cache -> all.add(cache.stats()));
        all.sort(Comparator.comparing(CacheStats::name));
        return all;
    }

    /**
     * Returns what each cache does in all processes together, by name; those of other processes as of at most 10 s ago.
     * One round trip.
     *
     * @throws RedisException if Redis cannot be asked
     */
    public List<CacheOverview> everywhere() {
        return reports == null ? List.of() : reports.read();
    }

    /**
     * Forgets all values of a cache in all processes, also of one that is not open here.
     *
     * @throws RedisException if Redis could not be told
     */
    public void clear(String name) {
        Names.check("cache", name);
        Cache<?> cache = open.get(name);
        if (cache != null) {
            cache.clear();
        } else if (tiers.far() != null) {
            long life = CacheConfig.LONGEST_TTL.plusHours(1).toMillis(); // what its owner keeps is not known here
            tiers.far().outdate(name, "", life, tiers.messages().tag(name, ""));
        }
    }

    /** Returns what the near tier weighs, everything around the values included. */
    public long nearBytes() {
        return tiers.near().bytes();
    }

    /** Returns what the near tier may weigh. */
    public long maxNearBytes() {
        return tiers.near().mostBytes();
    }

    /** Sets what the near tier may weigh, 1 MiB or more; 0 = a sixteenth of the heap. What is too much is let go at once. */
    public void maxNearBytes(long most) {
        CacheConfig.check(most == 0 || most >= LEAST_BYTES, "near bytes", most, "0, or " + LEAST_BYTES + " or more");
        tiers.near().mostBytes(most == 0 ? defaultBytes() : most);
    }

    /**
     * Lets go of what is dead, then of the coldest values until this share of all near bytes is gone; what was let go is
     * still in Redis. Returns the bytes.
     *
     * @param share above 0, at most 1 = everything
     */
    public long shrink(double share) {
        return tiers.near().shrink(share);
    }

    /** Ends the subscription, the reports and what runs in the background, and gives all memory back. */
    @Override
    public void close() {
        Subscription ending;
        synchronized (this) {
            closed = true;
            ending = subscription;
            subscription = null;
        }
        if (ending != null) {
            ending.close();
        }
        if (reports != null) {
            reports.close();
        }
        List.copyOf(open.values()).forEach(Cache::close);
        tiers.refreshes().close();
        tiers.near().clear();
    }
}
