package io.penstock.examples.chat.acceptance;

import java.util.Arrays;

/**
 * A line through points by the median of the slopes of all pairs (Theil 1950, Sen 1968): a few wild points do not bend it.
 *
 * @param slope of the line, in y per x
 * @param low the slope is above this with 97.5 % (by Kendall's variance, without ties)
 * @param median of all y
 */
record TheilSen(double slope, double low, double median) {
    /** Two-sided 95 % of the normal distribution. */
    private static final double Z = 1.96;

    /** Needs two points of different x; cost: n^2/2 slopes, so a few thousand points are the most that makes sense. */
    static TheilSen of(double[] x, double[] y) {
        int n = x.length;
        double[] slopes = new double[n * (n - 1) / 2];
        int count = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                if (x[i] != x[j]) {
                    slopes[count++] = (y[j] - y[i]) / (x[j] - x[i]);
                }
            }
        }
        if (count == 0) {
            throw new IllegalArgumentException("a line needs two points of different x, there are " + n);
        }
        slopes = Arrays.copyOf(slopes, count);
        Arrays.sort(slopes);
        double spread = Z * Math.sqrt(n * (n - 1.0) * (2 * n + 5) / 18);
        int lowest = (int) Math.max(0, Math.floor((count - spread) / 2));
        double[] sorted = y.clone();
        Arrays.sort(sorted);
        return new TheilSen(middle(slopes), slopes[lowest], middle(sorted));
    }

    private static double middle(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
