package io.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyTest {
    @Test
    void percentilesAreAtMostAnEighthTooHigh() {
        long seed = Long.getLong("latency.seed", System.nanoTime());
        Random random = new Random(seed);
        Latency latency = new Latency();
        long[] nanos = random.longs(10_000, 10_000, 5_000_000_000L).toArray();
        for (long one : nanos) {
            latency.record(one);
        }
        Arrays.sort(nanos);
        for (double share : new double[] {0.01, 0.5, 0.95, 0.99, 1}) {
            double exact = nanos[(int) Math.ceil(share * nanos.length) - 1] / 1e6;
            assertThat(latency.percentileMillis(share))
                    .as("share=%s seed=%d", share, seed)
                    .isBetween(exact * 0.999, exact * 1.126);
        }
        assertThat(latency.meanMillis())
                .isCloseTo(Arrays.stream(nanos).average().orElseThrow() / 1e6, within(0.01));
        assertThat(latency.maxMillis()).isEqualTo(nanos[nanos.length - 1] / 1e6);
    }

    @Test
    void takesWhatIsBeyondItsRangeAndNothing() {
        Latency latency = new Latency();
        assertThat(latency.percentileMillis(0.99)).isZero();
        assertThat(latency.takeMeanMillis()).isZero();
        latency.record(-5);
        latency.record(Long.MAX_VALUE / 4);
        assertThat(latency.count()).isEqualTo(2);
        assertThat(latency.percentileMillis(0.99)).isPositive();
    }

    @Test
    void forgetsWhatIsTwoWindowsOld() {
        Latency latency = new Latency();
        latency.record(1_000_000_000);
        latency.roll();
        latency.record(1_000_000);
        assertThat(latency.count()).isEqualTo(2);
        latency.roll();
        assertThat(latency.count()).isEqualTo(1);
        assertThat(latency.maxMillis()).isEqualTo(1);
    }
}
