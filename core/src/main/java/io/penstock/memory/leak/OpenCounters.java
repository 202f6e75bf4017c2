package io.penstock.memory.leak;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** The counters of all kinds; bound: {@value #MOST} of 0.7 KB, the others share one. Threads: safe. */
final class OpenCounters {
    /** One for each type of job, and some for leases, connections and the like. */
    static final int MOST = JobWatch.MOST_TYPES + 64;

    private final ConcurrentHashMap<String, OpenCounter> kinds = new ConcurrentHashMap<>();

    OpenCounter counter(String kind) {
        OpenCounter known = kinds.get(kind);
        if (known != null) {
            return known;
        }
        String name = kinds.size() < MOST ? kind : OpenCounter.OTHERS;
        return kinds.computeIfAbsent(name, OpenCounter::new);
    }

    void look() {
        kinds.values().forEach(OpenCounter::look);
    }

    List<OpenCount> counts() {
        return kinds.values().stream()
                .map(OpenCounter::count)
                .sorted(Comparator.comparing(OpenCount::kind))
                .toList();
    }
}
