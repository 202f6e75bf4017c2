package io.penstock.memory.admission;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of each type of job. Bound: {@value #MOST} types, those beyond share one. Threads: finding is safe, what is
 * found is guarded by the load line.
 */
final class Types {
    static final int MOST = 1_000;

    private final Map<String, Footprint> known = new ConcurrentHashMap<>();
    private final Footprint others = new Footprint("(others)");

    Footprint of(String type) {
        Footprint found = known.get(type);
        if (found != null) {
            return found;
        }
        return known.size() >= MOST ? others : known.computeIfAbsent(type, Footprint::new);
    }

    List<LoadLineStats.TypeCost> top(int most) {
        return known.values().stream()
                .map(Footprint::stats)
                .sorted(Comparator.comparingLong(LoadLineStats.TypeCost::lastCostBytes)
                        .reversed())
                .limit(most)
                .toList();
    }
}
