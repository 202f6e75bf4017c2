package io.penstock.limit;

import java.util.List;

/**
 * What a limit has answered in this process since it was defined.
 *
 * @param allowed answers, not permits
 * @param guessed how many of all answers were given without Redis
 * @param keys the keys denied last, newest first, at most 32
 */
public record LimitStats(Limit limit, long allowed, long denied, long guessed, List<Key> keys) {
    /** One key and its answers since it was denied first, as far as it is among the last. */
    public record Key(String key, long allowed, long denied) {}
}
