package io.penstock.examples.chat.acceptance;

import java.util.Collection;
import java.util.Locale;

/** Sorted milliseconds. */
record Percentiles(double[] sorted) {
    static Percentiles of(Collection<Double> millis) {
        return new Percentiles(
                millis.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    /** Milliseconds that this share took at most; NaN = there are none. */
    double at(double share) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1, Math.ceil(sorted.length * share))];
    }

    double mean() {
        double sum = 0;
        for (double millis : sorted) {
            sum += millis;
        }
        return sum / sorted.length;
    }

    String both() {
        return String.format(Locale.ROOT, "p50 %.1f, p99 %.1f ms", at(0.5), at(0.99));
    }
}
