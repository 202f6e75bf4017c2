package io.penstock.worker;

import io.penstock.queue.Ending;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Counts how runs ended; written by the take loop once a run, read by anybody. */
final class Tally {
    private final Map<Ending.Kind, AtomicLong> counts = new EnumMap<>(Ending.Kind.class); // filled at once, then only read
    private final AtomicLong refused = new AtomicLong();

    Tally() {
        for (Ending.Kind kind : Ending.Kind.values()) {
            counts.put(kind, new AtomicLong());
        }
    }

    void count(Ending.Kind kind) {
        AtomicLong count = counter(kind);
        count.lazySet(count.get() + 1); // one writer
    }

    void refused(int runs) {
        refused.lazySet(refused.get() + runs);
    }

    long of(Ending.Kind kind) {
        return counter(kind).get();
    }

    long refused() {
        return refused.get();
    }

    private AtomicLong counter(Ending.Kind kind) {
        return Objects.requireNonNull(counts.get(kind));
    }
}
