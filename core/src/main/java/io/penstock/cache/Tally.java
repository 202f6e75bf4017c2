package io.penstock.cache;

import java.util.concurrent.atomic.LongAdder;

/** The counters of one cache in this process. */
final class Tally {
    final LongAdder nearHits = new LongAdder();
    final LongAdder nearMisses = new LongAdder();
    final LongAdder farHits = new LongAdder();
    final LongAdder farMisses = new LongAdder();
    final LongAdder farFailures = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder loadFailures = new LongAdder();
    final LongAdder loadNanos = new LongAdder();
    final LongAdder staleServed = new LongAdder();
    final LongAdder notKept = new LongAdder();
    final LongAdder evictions = new LongAdder();
    final LongAdder entries = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder waiting = new LongAdder();

    CacheStats stats(String name) {
        return new CacheStats(
                name,
                nearHits.sum(),
                nearMisses.sum(),
                farHits.sum(),
                farMisses.sum(),
                farFailures.sum(),
                loads.sum(),
                loadFailures.sum(),
                loadNanos.sum() / 1_000_000,
                staleServed.sum(),
                notKept.sum(),
                evictions.sum(),
                Math.max(0, entries.sum()),
                Math.max(0, bytes.sum()),
                Math.max(0, waiting.sum()));
    }
}
