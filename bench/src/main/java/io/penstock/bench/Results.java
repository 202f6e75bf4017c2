package io.penstock.bench;

import io.penstock.bench.Line.Column;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The numbers of all rounds that count. */
final class Results {
    private final Map<Line, Map<Column, List<Double>>> samples = new EnumMap<>(Line.class);
    private boolean counting = true;

    /** One line in one column: the middle of its rounds and their ends. */
    record Summary(double median, double least, double most, int rounds) {}

    /** Whether what is added from now on counts; a warm-up does not. */
    void counting(boolean counts) {
        counting = counts;
    }

    void add(Line line, Column column, double value) {
        if (counting && !Double.isNaN(value)) {
            samples.computeIfAbsent(line, any -> new EnumMap<>(Column.class))
                    .computeIfAbsent(column, any -> new ArrayList<>())
                    .add(value);
        }
    }

    Optional<Summary> of(Line line, Column column) {
        List<Double> all = samples.getOrDefault(line, Map.of()).getOrDefault(column, List.of());
        if (all.isEmpty()) {
            return Optional.empty();
        }
        List<Double> sorted = all.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return Optional.of(new Summary(median, sorted.get(0), sorted.get(sorted.size() - 1), sorted.size()));
    }

    /** Adds the quotient of two medians, where both were measured. */
    void ratio(Line line, Line over, Line under) {
        for (Column column : Column.values()) {
            Optional<Summary> a = of(over, column);
            Optional<Summary> b = of(under, column);
            if (a.isPresent() && b.isPresent()) {
                add(line, column, a.get().median / b.get().median);
            }
        }
    }
}
