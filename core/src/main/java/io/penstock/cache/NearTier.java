package io.penstock.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy.Eviction;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.penstock.runtime.Clock;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The values of all caches that this process holds, under one bound in bytes.
 *
 * <p>Bound: what entries weigh; it is kept to within a 64th, and what several callers put at the same moment. Threads:
 * none of its own (tidying up is done by callers); safe.
 */
final class NearTier {
    /**
     * Bytes around a value: Caffeine's node and the table's, the key's record, headers of strings and arrays, this entry with
     * its envelope and counters. Measured as 337 with compressed references; the test holds it to what the heap grows by.
     */
    static final int OVERHEAD = 336;

    /** Caffeine lets 128 puts a core wait before it counts them; of large values that would be many times the bound. */
    private static final int TIDY_PART = 64;

    private final com.github.benmanes.caffeine.cache.Cache<NearKey, Entry> entries;
    private final Eviction<NearKey, Entry> eviction;
    private final Stamps stamps;
    private final AtomicLong untidied = new AtomicLong(); // bytes put since somebody tidied up
    private volatile long mostBytes; // written under this

    NearTier(long mostBytes, Stamps stamps, Clock clock) {
        this.mostBytes = mostBytes;
        this.stamps = stamps;
        this.entries = Caffeine.newBuilder()
                .executor(Runnable::run)
                .ticker(clock::nanos)
                .maximumWeight(mostBytes)
                .weigher(NearTier::weigh)
                .expireAfter(new Life())
                .removalListener(NearTier::left)
                .build();
        this.eviction = entries.policy().eviction().orElseThrow();
    }

    /** Each value has a life of its own. */
    private static final class Life implements Expiry<NearKey, Entry> {
        @Override
        public long expireAfterCreate(NearKey key, Entry entry, long now) {
            return Math.max(0, entry.deadNanos - now);
        }

        @Override
        public long expireAfterUpdate(NearKey key, Entry entry, long now, long left) {
            return Math.max(0, entry.deadNanos - now);
        }

        @Override
        public long expireAfterRead(NearKey key, Entry entry, long now, long left) {
            return left;
        }
    }

    static int weigh(NearKey key, Entry entry) {
        int tags = 0;
        for (String tag : entry.tags) {
            tags += 200 + 2 * tag.length(); // the tag, its version, the map's entry and the list's place
        }
        return OVERHEAD + 2 * key.key().length() + entry.envelope.bytes().length + tags;
    }

    private static void left(@Nullable NearKey key, @Nullable Entry entry, RemovalCause cause) {
        if (key != null && entry != null) {
            entry.tally.entries.decrement();
            entry.tally.bytes.add(-weigh(key, entry));
            if (cause.wasEvicted()) {
                entry.tally.evictions.increment();
            }
        }
    }

    /** Returns what is there and not outdated. */
    @Nullable
    Entry get(NearKey key) {
        Entry entry = entries.getIfPresent(key);
        if (entry == null) {
            return null;
        }
        if (entry.stamp != stamps.cache(key.cache()) + stamps.tags(key.cache(), entry.tags)) {
            entries.asMap().remove(key, entry);
            return null;
        }
        return entry;
    }

    /** Keeps a value unless its key was invalidated since that stamp was taken. */
    void put(NearKey key, Entry entry, long keyStamp) {
        entry.tally.entries.increment();
        int weight = weigh(key, entry);
        entry.tally.bytes.add(weight);
        entries.put(key, entry);
        if (untidied.addAndGet(weight) > mostBytes / TIDY_PART) {
            untidied.set(0);
            entries.cleanUp();
        }
        if (stamps.key(key) != keyStamp) {
            entries.asMap().remove(key, entry);
        }
    }

    void remove(NearKey key) {
        entries.invalidate(key);
    }

    /** Gives the memory of outdated values back. O(entries). */
    void sweep() {
        entries.asMap()
                .entrySet()
                .removeIf(one -> one.getValue().stamp
                        != stamps.cache(one.getKey().cache())
                                + stamps.tags(one.getKey().cache(), one.getValue().tags));
    }

    void clear() {
        entries.invalidateAll();
        entries.cleanUp();
    }

    long bytes() {
        return eviction.weightedSize().orElse(0);
    }

    long mostBytes() {
        return mostBytes;
    }

    synchronized void mostBytes(long most) {
        mostBytes = most;
        eviction.setMaximum(most);
        entries.cleanUp();
    }

    /** Lets go of what is dead or outdated, then of the coldest until this share is gone; returns the bytes let go. */
    synchronized long shrink(double share) {
        long before = bytes();
        sweep();
        entries.cleanUp();
        if (share >= 1) {
            clear();
        } else {
            eviction.setMaximum((long) (before * (1 - share)));
            entries.cleanUp();
            eviction.setMaximum(mostBytes);
        }
        return Math.max(0, before - bytes());
    }
}
