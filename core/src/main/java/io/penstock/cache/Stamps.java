package io.penstock.cache;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts invalidations, so that whoever reads first and keeps later notices that it was overtaken.
 *
 * <p>All counters only grow, so a sum of them is the same as before only if none of them changed. Names share counters by
 * their hash: a collision drops a value that was good, never keeps one that is not.
 */
final class Stamps {
    /** 32 KiB each; a tag that is invalidated spoils one in 4,096 of the tagged values of others. */
    private static final int STRIPES = 4_096;

    private final AtomicLongArray keys = new AtomicLongArray(STRIPES);
    private final AtomicLongArray tags = new AtomicLongArray(STRIPES);
    private final AtomicLong all = new AtomicLong();

    /** Of one key: compared when a value that was being read or loaded is to be kept. */
    long key(NearKey key) {
        return keys.get(stripe(key.hashCode()));
    }

    /** Of the whole cache: kept with a value and compared at each use. */
    long cache(String cache) {
        return all.get() + tags.get(tag(cache, ""));
    }

    /** Of some tags: as above. */
    long tags(String cache, Collection<String> names) {
        long sum = 0;
        for (String name : names) {
            sum += tags.get(tag(cache, name));
        }
        return sum;
    }

    void outdateKey(NearKey key) {
        keys.incrementAndGet(stripe(key.hashCode()));
    }

    /** @param name empty = the whole cache */
    void outdateTag(String cache, String name) {
        tags.incrementAndGet(tag(cache, name));
    }

    void outdateAll() {
        all.incrementAndGet();
    }

    private static int tag(String cache, String name) {
        return stripe(31 * cache.hashCode() + name.hashCode());
    }

    private static int stripe(int hash) {
        int mixed = hash * 0x9E3779B9; // golden ratio: neighbours in the hash part company
        return (mixed ^ (mixed >>> 16)) & (STRIPES - 1);
    }
}
