package io.penstock.memory.trend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TheilSenTest {
    /** Sen (1968), section 6: seven points whose slope is 4, between 3.71 and 5 or so. */
    @Test
    void agreesWithTheExampleOfSen() {
        double[] x = {1, 2, 3, 4, 10, 12, 18};
        double[] y = {9, 15, 19, 20, 45, 55, 78};
        TheilSen line = new TheilSen(7);

        line.fit(x, y, 0, 7);

        assertThat(line.slope()).isCloseTo(4, within(1e-9));
        assertThat(line.lower()).isBetween(3.5, 4.0);
        assertThat(line.upper()).isBetween(4.0, 5.0);
    }

    @Test
    void agreesWithBruteForce() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TheilSen line = new TheilSen(64);
        for (int run = 0; run < 200; run++) {
            int n = 2 + random.nextInt(63);
            double[] x = new double[n];
            double[] y = new double[n];
            for (int i = 0; i < n; i++) {
                x[i] = random.nextInt(1_000);
                y[i] = random.nextInt(50);
            }
            double expected = median(allSlopes(x, y));
            line.fit(x, y, 0, n);
            assertThat(line.slope()).as("seed %d run %d", seed, run).isCloseTo(expected, within(1e-9));
        }
    }

    private static List<Double> allSlopes(double[] x, double[] y) {
        List<Double> slopes = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < i; j++) {
                if (x[i] != x[j]) {
                    slopes.add((y[i] - y[j]) / (x[i] - x[j]));
                }
            }
        }
        return slopes.isEmpty() ? List.of(0.0) : slopes;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int n = sorted.size();
        return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    }

    @Test
    void holdsTheTrueSlopeInItsIntervalNineTimesOfTen() {
        long seed = 20260101;
        Random random = new Random(seed);
        TheilSen line = new TheilSen(32);
        int held = 0;
        for (int run = 0; run < 400; run++) {
            double[] x = new double[32];
            double[] y = new double[32];
            for (int i = 0; i < 32; i++) {
                x[i] = i;
                y[i] = 3 * i + 20 * random.nextGaussian();
            }
            line.fit(x, y, 0, 32);
            held += line.lower() <= 3 && 3 <= line.upper() ? 1 : 0;
        }
        assertThat(held).isBetween(366, 394); // 95 % of 400, give or take three standard deviations
    }

    @Test
    void doesNotFollowAQuarterOfOutliers() {
        double[] x = new double[40];
        double[] y = new double[40];
        for (int i = 0; i < 40; i++) {
            x[i] = i;
            y[i] = i % 4 == 0 ? 1_000 : 2 * i;
        }
        TheilSen line = new TheilSen(40);

        line.fit(x, y, 0, 40);

        assertThat(line.slope()).isBetween(1.0, 3.0);
    }

    @Test
    void knowsNothingOfPointsAtOneTime() {
        TheilSen line = new TheilSen(3);

        line.fit(new double[] {5, 5, 5}, new double[] {1, 2, 3}, 0, 3);

        assertThat(line.slope()).isZero();
        assertThat(line.lower()).isEqualTo(Double.NEGATIVE_INFINITY);
    }
}
