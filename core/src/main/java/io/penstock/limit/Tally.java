package io.penstock.limit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the answers of one limit, and of the keys that it denied last. */
final class Tally {
    /** Enough to see who hammers; at 200 bytes a key, below 16 KB a limit. */
    static final int MOST_KEYS = 32;

    private final LongAdder allowed = new LongAdder();
    private final LongAdder denied = new LongAdder();
    private final LongAdder guessed = new LongAdder();
    private final Map<String, long[]> keys = new LinkedHashMap<>(); // guarded by itself; the last denied is last

    void count(String key, Answer answer) {
        boolean yes = answer instanceof Answer.Allowed;
        (yes ? allowed : denied).increment();
        if (answer.guessed()) {
            guessed.increment();
        }
        synchronized (keys) {
            if (yes) {
                long[] known = keys.get(key);
                if (known != null) {
                    known[0]++;
                }
                return;
            }
            long[] known = keys.remove(key);
            if (known == null) {
                known = new long[2];
                if (keys.size() == MOST_KEYS) {
                    keys.remove(keys.keySet().iterator().next());
                }
            }
            known[1]++;
            keys.put(key, known);
        }
    }

    LimitStats stats(Limit limit) {
        List<LimitStats.Key> shown = new ArrayList<>();
        synchronized (keys) {
            keys.forEach((key, counts) -> shown.add(new LimitStats.Key(key, counts[0], counts[1])));
        }
        Collections.reverse(shown);
        return new LimitStats(limit, allowed.sum(), denied.sum(), guessed.sum(), List.copyOf(shown));
    }
}
