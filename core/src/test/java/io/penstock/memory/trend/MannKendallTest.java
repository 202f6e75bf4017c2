package io.penstock.memory.trend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MannKendallTest {
    /** Gilbert, Statistical Methods for Environmental Pollution Monitoring (1987), section 16.4: 10 20 30 ... by hand. */
    @Test
    void agreesWithTheArithmeticOfTheTextbook() {
        double[] rising = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

        assertThat(MannKendall.score(rising, 0, 10)).isEqualTo(45);
        assertThat(MannKendall.variance(rising, 0, 10)).isEqualTo(125); // 10 * 9 * 25 / 18
        assertThat(MannKendall.z(rising, 0, 10)).isCloseTo(44 / Math.sqrt(125), within(1e-12));
    }

    /** Ties of 2 and 3 take 2*1*9 and 3*2*11 off the variance. */
    @Test
    void takesTiesOffTheVariance() {
        double[] tied = {5, 5, 7, 8, 8, 8, 9};

        assertThat(MannKendall.score(tied, 0, 7)).isEqualTo(17);
        assertThat(MannKendall.variance(tied, 0, 7)).isCloseTo((7 * 6 * 19 - 18 - 66) / 18.0, within(1e-12));
    }

    @Test
    void findsNothingInWhatIsConstantOrTooShort() {
        assertThat(MannKendall.z(new double[] {3, 3, 3, 3}, 0, 4)).isZero();
        assertThat(MannKendall.z(new double[] {1, 2}, 0, 2)).isZero();
    }

    @Test
    void saysTheSameOfAFallWithTheOtherSign() {
        double[] falling = {9, 7, 6, 6, 4, 3, 1};
        double[] rising = {-9, -7, -6, -6, -4, -3, -1};

        assertThat(MannKendall.z(falling, 0, 7))
                .isEqualTo(-MannKendall.z(rising, 0, 7))
                .isNegative();
    }

    @Test
    void looksAtTheRangeOnly() {
        double[] values = {99, 1, 2, 3, 4, -99};

        assertThat(MannKendall.score(values, 1, 5)).isEqualTo(6);
    }
}
