package io.penstock.memory.trend;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.memory.trend.HeapShape.Kind;
import org.junit.jupiter.api.Test;

/**
 * Whether a forecast that learns beats the line: Holt's method with a damped trend, fitted to the floors as they come,
 * its three weights chosen on the shapes that are not held out. The figures are in decision 0006.
 */
class ForecastTest {
    private static final int AHEAD_STEPS = 8;
    private static final double STEP_HOURS = 0.25;
    private static final int RUNS = 6;

    private static final double[][] WEIGHTS = {
        {0.2, 0.05, 0.9}, {0.2, 0.1, 0.98}, {0.4, 0.05, 0.9}, {0.4, 0.1, 0.98}, {0.6, 0.05, 0.9}, {0.6, 0.2, 0.98}
    };

    /** Level and trend of one series, each a weighted mean of what was and what is. */
    private static final class Holt {
        private final double[] weights;
        private double level = Double.NaN;
        private double trend;

        Holt(double[] weights) {
            this.weights = weights;
        }

        void add(double value) {
            if (Double.isNaN(level)) {
                level = value;
                return;
            }
            double before = level;
            level = weights[0] * value + (1 - weights[0]) * (level + weights[2] * trend);
            trend = weights[1] * (level - before) + (1 - weights[1]) * weights[2] * trend;
        }

        double ahead(int steps) {
            double sum = 0;
            double damped = 1;
            for (int i = 0; i < steps; i++) {
                damped *= weights[2];
                sum += damped;
            }
            return level + sum * trend;
        }
    }

    /** The mean errors of: the last floor as it is, the line where it is sure, Holt. */
    private record Errors(double last, double line, double holt) {}

    @Test
    void isComparedWithTheLineOnShapesItDoesNotKnow() {
        double[] best = WEIGHTS[0];
        double least = Double.MAX_VALUE;
        for (double[] weights : WEIGHTS) {
            double sum = 0;
            for (Kind kind : Kind.values()) {
                if (kind.compareTo(Kind.LAGGING_WAVE) < 0) {
                    sum += errors(kind, 0, weights).holt()
                            + errors(kind, 0.02, weights).holt();
                }
            }
            if (sum < least) {
                least = sum;
                best = weights;
            }
        }
        System.out.printf("Holt's weights: level %.2f trend %.2f damping %.2f%n", best[0], best[1], best[2]);
        double line = 0;
        double holt = 0;
        for (Kind kind : Kind.values()) {
            for (double leak : new double[] {0, 0.01, 0.02, 0.05}) {
                Errors errors = errors(kind, leak, best);
                System.out.printf(
                        "%-13s leak %.0f %%/h: error of 2 h ahead, %% of heap: last floor %.2f, line %.2f, Holt %.2f%n",
                        kind, leak * 100, errors.last(), errors.line(), errors.holt());
                if (leak == 0.05) {
                    assertThat(errors.line()).as("%s", kind).isLessThan(errors.last());
                }
                if (kind.compareTo(Kind.LAGGING_WAVE) >= 0) {
                    line += errors.line();
                    holt += errors.holt();
                }
            }
        }
        System.out.printf("held out, mean: line %.3f, Holt %.3f%n", line / 16, holt / 16);
    }

    private static Errors errors(Kind kind, double leakPerHour, double[] weights) {
        double last = 0;
        double line = 0;
        double holt = 0;
        int looks = 0;
        for (int run = 0; run < RUNS; run++) {
            HeapShape heap = new HeapShape(kind, 500 + run, leakPerHour, 6);
            FloorTrend trend = new FloorTrend(heap.clock(), HeapShape.MAX, 1, FloorTrend.LEAST_WINDOW);
            Holt learned = new Holt(weights);
            double[][] ahead = new double[AHEAD_STEPS][3];
            int steps = 0;
            for (double hour = STEP_HOURS; hour < 48 && !heap.full(); hour += STEP_HOURS) {
                heap.run(hour, trend::onCollection);
                MemoryTrend now = trend.trend();
                double floor = now.floorBytes() * 100.0 / HeapShape.MAX;
                if (floor < 0) {
                    continue;
                }
                learned.add(floor);
                double[] due = ahead[steps % AHEAD_STEPS];
                if (hour > 10) {
                    last += Math.abs(due[0] - heap.trueLive());
                    line += Math.abs(due[1] - heap.trueLive());
                    holt += Math.abs(due[2] - heap.trueLive());
                    looks++;
                }
                boolean sure = now.z() > 3 && now.lowerBytesPerSecond() > 0;
                double perHour = sure ? now.slopeBytesPerSecond() * 3_600 * 100 / HeapShape.MAX : 0;
                due[0] = floor;
                due[1] = floor + perHour * AHEAD_STEPS * STEP_HOURS;
                due[2] = learned.ahead(AHEAD_STEPS);
                steps++;
            }
        }
        return new Errors(last / looks, line / looks, holt / looks);
    }
}
