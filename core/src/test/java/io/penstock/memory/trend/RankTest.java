package io.penstock.memory.trend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RankTest {
    @Test
    void agreesWithSorting() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 2_000; run++) {
            int n = 1 + random.nextInt(100);
            int values = 1 + random.nextInt(50);
            double[] some = random.ints(n, 0, values).asDoubleStream().toArray();
            double[] sorted = some.clone();
            Arrays.sort(sorted);
            int rank = random.nextInt(n);
            assertThat(Rank.nth(some.clone(), n, rank)).as("seed %d", seed).isEqualTo(sorted[rank]);
            assertThat(Rank.median(some, n)).as("seed %d", seed).isEqualTo((sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
        }
    }
}
