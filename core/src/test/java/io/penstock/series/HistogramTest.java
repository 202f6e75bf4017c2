package io.penstock.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HistogramTest {
    private static final double[] SHARES = {0.5, 0.99, 1};

    private final Histogram histogram = new Histogram();

    private double[] take() {
        double[] row = new double[4];
        histogram.take(SHARES, row, 1);
        assertThat(row[0]).isZero();
        return Arrays.copyOfRange(row, 1, 4);
    }

    @Test
    void isExactBelow16() {
        for (int i = 1; i <= 10; i++) {
            histogram.record(i);
        }
        assertThat(take()).containsExactly(5, 10, 10);
    }

    @Test
    void forgetsWhatWasTaken() {
        histogram.record(7);
        assertThat(take()).containsExactly(7, 7, 7);
        assertThat(take()).containsOnly(Double.NaN);
        histogram.record(3);
        assertThat(take()).containsExactly(3, 3, 3);
    }

    @Test
    void isAtMostASixteenthTooHighAndNeverTooLow() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            long[] all = random.longs(1 + random.nextInt(500), 0, 1L << (1 + random.nextInt(26)))
                    .toArray();
            IntStream.range(0, all.length).forEach(i -> histogram.record(all[i]));
            Arrays.sort(all);
            double[] told = take();
            for (int i = 0; i < SHARES.length; i++) {
                double exact = all[(int) Math.ceil(SHARES[i] * all.length) - 1];
                assertThat(told[i]).as("seed %d", seed).isBetween(exact, exact * 17 / 16);
            }
        }
    }

    @Test
    void takesWhatNoClockShouldGive() {
        histogram.record(-5);
        assertThat(take()).containsExactly(0, 0, 0);
        histogram.record(Long.MAX_VALUE);
        assertThat(take()[2]).isEqualTo((1L << 27) - 1);
    }
}
