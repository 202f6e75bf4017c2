package io.penstock.monitor;

import io.penstock.series.Readings;
import io.penstock.series.Series;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Where each metric is found by its name.
 *
 * <p>Bound: the tracks that others add and drop. Threads: safe.
 */
final class Metrics implements Readings {
    private final ConcurrentMap<String, Place> places = new ConcurrentHashMap<>();

    record Place(Track track, int column) {}

    void add(Track track) {
        for (int i = 0; i < track.names().size(); i++) {
            places.put(track.names().get(i), new Place(track, i));
        }
    }

    void drop(Track track) {
        places.values().removeIf(place -> place.track() == track);
    }

    void clear() {
        places.clear();
    }

    @Nullable
    Place find(String metric) {
        return places.get(metric);
    }

    Set<String> names() {
        return new TreeSet<>(places.keySet());
    }

    @Override
    public double latest(String metric) {
        Place place = places.get(metric);
        return place == null ? Series.UNKNOWN : place.track().latest(place.column());
    }

    @Override
    public Set<String> metrics() {
        Set<String> known = new TreeSet<>();
        places.forEach((name, place) -> {
            if (!Double.isNaN(place.track().latest(place.column()))) {
                known.add(name);
            }
        });
        return known;
    }
}
