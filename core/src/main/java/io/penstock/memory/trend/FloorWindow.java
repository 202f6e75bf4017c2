package io.penstock.memory.trend;

/**
 * The last points of one tier, laid out for arithmetic, and what a line through them says.
 *
 * <p>One is made and filled again and again: 22 KB, and nothing is allocated by looking. Threads: one.
 */
final class FloorWindow {
    private final double[] seconds = new double[FloorTier.POINTS];
    private final double[] floors = new double[FloorTier.POINTS];
    private final double[] loads = new double[FloorTier.POINTS];
    private final double[] scratch = new double[FloorTier.POINTS];
    private final TheilSen line = new TheilSen(FloorTier.POINTS);
    private int size;
    private long firstNanos;

    private double slope;
    private double lower;
    private double upper;
    private double firstHalf;
    private double secondHalf;

    /** Takes the last points of the tier. */
    void fill(FloorTier tier, int points) {
        size = points;
        int skip = tier.size() - points;
        firstNanos = tier.nanos(skip);
        for (int i = 0; i < points; i++) {
            seconds[i] = (tier.nanos(skip + i) - firstNanos) / 1e9;
            floors[i] = tier.floor(skip + i);
            loads[i] = tier.load(skip + i);
        }
    }

    /** Lays lines through all points and through each half of them; 60 us for 64 points. */
    void fit() {
        int half = size / 2;
        line.fit(seconds, floors, 0, half);
        firstHalf = line.slope();
        line.fit(seconds, floors, half, size);
        secondHalf = line.slope();
        line.fit(seconds, floors, 0, size);
        slope = line.slope();
        lower = line.lower();
        upper = line.upper();
    }

    /** Returns the highest floor less the lowest: no line through the points rises by more, and it costs little. */
    double range() {
        double low = floors[0];
        double high = floors[0];
        for (int i = 1; i < size; i++) {
            low = Math.min(low, floors[i]);
            high = Math.max(high, floors[i]);
        }
        return high - low;
    }

    double z() {
        return MannKendall.z(floors, 0, size);
    }

    /** Returns by how much the line rises from the first point to the last, in bytes. */
    double rise() {
        return slope * span();
    }

    double span() {
        return seconds[size - 1];
    }

    long firstNanos() {
        return firstNanos;
    }

    /** Returns the median of the floors in the first quarter. */
    double startFloor() {
        return median(floors, 0, Math.max(1, size / 4));
    }

    double endFloor() {
        return median(floors, size - Math.max(1, size / 4), size);
    }

    /** Returns how much more the process allocates a second than when the window began, as a factor of at least 1. */
    double loadFactor() {
        int quarter = Math.max(1, size / 4);
        double start = median(loads, 0, quarter);
        double most = 0;
        for (int i = 0; i + quarter <= size; i += quarter) {
            most = Math.max(most, median(loads, i, i + quarter));
        }
        return start <= 0 ? 1 : Math.max(1, most / start);
    }

    private double median(double[] values, int from, int to) {
        int n = to - from;
        System.arraycopy(values, from, scratch, 0, n);
        return Rank.median(scratch, n);
    }

    /** Returns the floor below which 90 of 100 floors of the tier lie that are older than the window, or 0. */
    double earlierHigh(FloorTier tier) {
        int n = 0;
        while (n < tier.size() && tier.nanos(n) - firstNanos < 0) {
            scratch[n] = tier.floor(n);
            n++;
        }
        if (n < LEAST_EARLIER) {
            return 0;
        }
        return Rank.nth(scratch, n, (int) (0.9 * (n - 1)));
    }

    /** Fewer floors say nothing of a range. */
    private static final int LEAST_EARLIER = 4;

    double slope() {
        return slope;
    }

    double lower() {
        return lower;
    }

    double upper() {
        return upper;
    }

    double firstHalf() {
        return firstHalf;
    }

    double secondHalf() {
        return secondHalf;
    }
}
