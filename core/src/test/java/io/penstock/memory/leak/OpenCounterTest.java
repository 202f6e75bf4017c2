package io.penstock.memory.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OpenCounterTest {
    private final OpenCounter counter = new OpenCounter("lease");

    private void look(int open) {
        OpenCount now = counter.count();
        for (long i = now.open(); i < open; i++) {
            counter.opened();
        }
        for (long i = now.open(); i > open; i--) {
            counter.closed();
        }
        counter.look();
    }

    @Test
    void seesThatOpenOnesOnlyBecomeMore() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            look(20 + i / 4 + random.nextInt(10));
        }
        assertThat(counter.count().growing()).as("seed %d", seed).isTrue();
    }

    @Test
    void takesNoiseAndBurstsForWhatTheyAre() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            look(20 + random.nextInt(10) + (i % 100 < 10 ? 200 : 0));
            assertThat(counter.count().growing()).as("seed %d look %d", seed, i).isFalse();
        }
    }

    @Test
    void takesAStepForWhatItIs() {
        for (int i = 0; i < 1_000; i++) {
            look(i < 400 ? 20 : 90);
            assertThat(counter.count().growing()).as("look %d", i).isFalse();
        }
    }

    @Test
    void takesAFewMoreForNothing() {
        for (int i = 0; i < 600; i++) {
            look(i / 50);
        }
        assertThat(counter.count().growing()).isFalse();
    }

    @Test
    void goesOnForEverInItsBound() {
        for (int i = 0; i < 100_000; i++) {
            look(5);
        }
        assertThat(counter.count().open()).isEqualTo(5);
    }
}
