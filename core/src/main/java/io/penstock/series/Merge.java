package io.penstock.series;

import java.util.Arrays;

/** Several entries becoming one point of an answer: least of the least, greatest of the greatest, mean by weight. */
final class Merge {
    private final double[] min;
    private final double[] sum;
    private final double[] max;
    private final long[] weight;
    private long begin;
    private int samples;

    Merge(int columns) {
        min = new double[columns];
        sum = new double[columns];
        max = new double[columns];
        weight = new long[columns];
    }

    boolean empty() {
        return samples == 0;
    }

    int columns() {
        return min.length;
    }

    /** Takes up one more entry; its numbers follow. */
    void begin(long millis, int count) {
        if (samples == 0) {
            begin = millis;
            Arrays.fill(weight, 0);
            Arrays.fill(sum, 0);
        }
        samples += count;
    }

    void add(int column, int count, float least, float mean, float greatest) {
        if (Float.isNaN(mean)) {
            return;
        }
        min[column] = weight[column] == 0 ? least : Math.min(min[column], least);
        max[column] = weight[column] == 0 ? greatest : Math.max(max[column], greatest);
        sum[column] += (double) mean * count;
        weight[column] += count;
    }

    /** Returns the point and begins anew. */
    Window.Point take() {
        double[] least = min.clone();
        double[] mean = new double[sum.length];
        double[] greatest = max.clone();
        for (int i = 0; i < mean.length; i++) {
            if (weight[i] == 0) {
                least[i] = mean[i] = greatest[i] = Double.NaN;
            } else {
                mean[i] = sum[i] / weight[i];
            }
        }
        Window.Point point = new Window.Point(begin, samples, least, mean, greatest);
        samples = 0;
        return point;
    }
}
