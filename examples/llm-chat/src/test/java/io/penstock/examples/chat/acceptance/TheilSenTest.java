package io.penstock.examples.chat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TheilSenTest {
    private static final int POINTS = 120;

    @Test
    void findsTheSlopeOfALine() {
        TheilSen line = TheilSen.of(new double[] {0, 1, 2, 3}, new double[] {5, 7, 9, 11});
        assertThat(line.slope()).isCloseTo(2, within(1e-9));
        assertThat(line.median()).isCloseTo(8, within(1e-9));
    }

    @Test
    void isNotBentByAFewWildPoints() {
        double[] x = new double[POINTS];
        double[] y = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            x[i] = i;
            y[i] = i % 10 == 0 ? 10_000 : 3 * i;
        }
        assertThat(TheilSen.of(x, y).slope()).isCloseTo(3, within(0.1));
    }

    @Test
    void seesAGrowthWithinNoiseAndNoneInNoiseAlone() {
        SplittableRandom random = new SplittableRandom(7);
        double[] x = new double[POINTS];
        double[] flat = new double[POINTS];
        double[] growing = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            x[i] = i;
            flat[i] = 100 + random.nextDouble() * 10;
            growing[i] = flat[i] + 0.1 * i;
        }
        assertThat(TheilSen.of(x, flat).low()).isNegative();
        assertThat(TheilSen.of(x, growing).low()).isPositive();
    }

    @Test
    void refusesOnePoint() {
        assertThatThrownBy(() -> TheilSen.of(new double[] {1}, new double[] {1}))
                .hasMessageContaining("two points");
    }
}
