package io.penstock.server.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * What is told by number: requests of one caller to one kind of route with one outcome.
 *
 * <p>Bound: {@value #MOST} kinds until they are told; those beyond share one line without a name. Threads: safe. Time: a look
 * into a map.
 */
final class Sums {
    static final int MOST = 1_024;

    private static final Line.Key OTHERS = new Line.Key("", "", "", "others", "", 0);

    private final Map<Line.Key, Sum> sums = new ConcurrentHashMap<>();

    /** How many, how long in all, and since when. */
    record Sum(long requests, long nanos, long sinceMillis) {
        Sum and(Sum other) {
            return new Sum(requests + other.requests, nanos + other.nanos, Math.min(sinceMillis, other.sinceMillis));
        }
    }

    void add(Line.Key key, long nanos, long nowMillis) {
        // the size may be passed by as many as add at the same time
        Line.Key place = sums.size() < MOST || sums.containsKey(key) ? key : OTHERS;
        sums.merge(place, new Sum(1, nanos, nowMillis), Sum::and);
    }

    /** Takes all out. */
    void drain(BiConsumer<Line.Key, Sum> told) {
        List<Line.Key> keys = new ArrayList<>(sums.keySet());
        for (Line.Key key : keys) {
            Sum sum = sums.remove(key);
            if (sum != null) {
                told.accept(key, sum);
            }
        }
    }
}
