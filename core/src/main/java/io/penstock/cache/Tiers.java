package io.penstock.cache;

import io.penstock.runtime.Clock;
import org.jspecify.annotations.Nullable;

/** What all caches of a process share. */
record Tiers(NearTier near, @Nullable FarTier far, Stamps stamps, Messages messages, Refreshes refreshes, Clock clock) {
    /** Returns Redis if it is to be asked just now. */
    @Nullable
    FarTier usable(CacheConfig config) {
        return far != null && !config.nearOnly() && far.usable() ? far : null;
    }

    /** Returns Redis if the cache has anything there. */
    @Nullable
    FarTier told(CacheConfig config) {
        return config.nearOnly() ? null : far;
    }
}
