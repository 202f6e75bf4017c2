package io.penstock.memory.trend;

/**
 * Tells whether a series rises or falls more often than chance would have it, whatever its shape and noise.
 *
 * <p>After Mann (1945) and Kendall (1975), with the correction for ties and for continuity. It counts signs only, so a
 * single outlier cannot make a trend. Cost: n^2 / 2 comparisons, 1.5 us for 64 values.
 */
public final class MannKendall {
    private MannKendall() {}

    /** Returns the number of later values that are higher, less those that are lower, over all pairs. */
    static long score(double[] values, int from, int to) {
        long score = 0;
        for (int early = from; early < to - 1; early++) {
            for (int late = early + 1; late < to; late++) {
                score += values[late] > values[early] ? 1 : values[late] < values[early] ? -1 : 0;
            }
        }
        return score;
    }

    /** Returns the variance of the score when there is no trend; ties, as in counts, make it smaller. */
    static double variance(double[] values, int from, int to) {
        int n = to - from;
        double ties = 0;
        for (int i = from; i < to; i++) {
            int before = 0;
            int same = 0;
            for (int j = from; j < to; j++) {
                if (values[j] == values[i]) {
                    same++;
                    before += j < i ? 1 : 0;
                }
            }
            if (before == 0) { // counts each group of equal values once, at its first member
                ties += (double) same * (same - 1) * (2 * same + 5);
            }
        }
        return Math.max(0, (n * (n - 1.0) * (2.0 * n + 5) - ties) / 18);
    }

    /**
     * Returns how many standard deviations the values from {@code from} until before {@code to} are off from having no
     * trend: above 3 they rise, below -3 they fall, 0 if all are equal or there are fewer than 3.
     */
    public static double z(double[] values, int from, int to) {
        double variance = variance(values, from, to);
        if (to - from < 3 || variance == 0) {
            return 0;
        }
        long score = score(values, from, to);
        return (score - Long.signum(score)) / Math.sqrt(variance);
    }
}
