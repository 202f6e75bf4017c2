package io.penstock.cache;

import org.jspecify.annotations.Nullable;

/** Gets a value from where it really is. */
@FunctionalInterface
public interface Loader<V> {
    /**
     * Returns the value, null if there is none.
     *
     * <p>Threads: the caller's, or one of the cache when a value that is old is renewed in the background; it must not ask
     * the same cache for the same key.
     *
     * @throws Exception whatever goes wrong; nothing is kept then
     */
    @Nullable
    V load() throws Exception;
}
