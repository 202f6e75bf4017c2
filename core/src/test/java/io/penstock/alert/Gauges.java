package io.penstock.alert;

import io.penstock.series.Readings;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Metrics that a test sets. */
final class Gauges implements Readings {
    private final Map<String, Double> values = new ConcurrentHashMap<>();

    Gauges set(String metric, double value) {
        values.put(metric, value);
        return this;
    }

    void remove(String metric) {
        values.remove(metric);
    }

    @Override
    public double latest(String metric) {
        return values.getOrDefault(metric, Double.NaN);
    }

    @Override
    public Set<String> metrics() {
        return Set.copyOf(values.keySet());
    }
}
