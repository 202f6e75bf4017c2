package io.penstock.memory.trend;

/**
 * Fits a line to points of which up to 29 % may be anywhere: its slope is the median of the slopes of all pairs.
 *
 * <p>After Theil (1950) and Sen (1968); the interval holds the true slope 95 times of 100 and comes from the variance of
 * {@link MannKendall}'s score. The arrays are made once, so that a fit allocates nothing. Threads: one.
 */
final class TheilSen {
    /** The quantile of the normal distribution that leaves 2.5 % above it. */
    private static final double NORMAL_975 = 1.959964;

    private final double[] slopes;
    private double slope;
    private double lower;
    private double upper;

    /** @param mostPoints how many points one fit may have; it keeps 8 bytes for each pair of them */
    TheilSen(int mostPoints) {
        slopes = new double[mostPoints * (mostPoints - 1) / 2];
    }

    /** Fits the points from {@code from} until before {@code to}; there are at least 2 with different x. */
    void fit(double[] x, double[] y, int from, int to) {
        int pairs = 0;
        for (int i = from; i < to - 1; i++) {
            for (int j = i + 1; j < to; j++) {
                if (x[j] != x[i]) {
                    slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
                }
            }
        }
        if (pairs == 0) {
            slope = 0;
            lower = Double.NEGATIVE_INFINITY;
            upper = Double.POSITIVE_INFINITY;
            return;
        }
        slope = Rank.median(slopes, pairs);
        double half = NORMAL_975 * Math.sqrt(MannKendall.variance(y, from, to));
        lower = Rank.nth(slopes, pairs, rank((pairs - half) / 2 - 1, pairs));
        upper = Rank.nth(slopes, pairs, rank((pairs + half) / 2, pairs));
    }

    private static int rank(double rank, int pairs) {
        return (int) Math.min(pairs - 1, Math.max(0, Math.round(rank)));
    }

    double slope() {
        return slope;
    }

    double lower() {
        return lower;
    }

    double upper() {
        return upper;
    }
}
