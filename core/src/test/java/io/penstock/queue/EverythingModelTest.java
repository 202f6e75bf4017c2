package io.penstock.queue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Random histories with every feature at once, see {@link EverythingRun}; {@code -Deverything.seeds=20
 * -Deverything.operations=2000} for long ones, {@code -Deverything.seed=N} to see one again.
 */
final class EverythingModelTest {
    private static final int SEEDS = Integer.getInteger("everything.seeds", 1);
    private static final int OPERATIONS = Integer.getInteger("everything.operations", 300);

    @Test
    void closesItsBooksWithEveryFeatureAtOnce() throws IOException {
        long first = Long.getLong("everything.seed", System.nanoTime());
        for (int i = 0; i < SEEDS; i++) {
            try (EverythingRun run = new EverythingRun(first + i)) {
                run.behave(OPERATIONS);
                System.out.println(run);
            }
        }
    }
}
