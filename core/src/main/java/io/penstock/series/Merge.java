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

    void add(long millis, int count, float[] mins, float[] avgs, float[] maxs, int from) {
        if (samples == 0) {
            begin = millis;
            Arrays.fill(weight, 0);
            Arrays.fill(sum, 0);
        }
        samples += count;
        for (int i = 0; i < min.length; i++) {
            float avg = avgs[from + i];
            if (Float.isNaN(avg)) {
                continue;
            }
            min[i] = weight[i] == 0 ? mins[from + i] : Math.min(min[i], mins[from + i]);
            max[i] = weight[i] == 0 ? maxs[from + i] : Math.max(max[i], maxs[from + i]);
            sum[i] += (double) avg * count;
            weight[i] += count;
        }
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
