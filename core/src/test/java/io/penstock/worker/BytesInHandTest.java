package io.penstock.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BytesInHandTest {
    /** Grants from a fixed stock and notices whoever gives back more than he got. */
    private static final class Stock implements Admission {
        long free;

        Stock(long free) {
            this.free = free;
        }

        @Override
        public long admit(long wanted) {
            long granted = Math.min(wanted, free);
            free -= granted;
            return granted;
        }

        @Override
        public void release(long bytes) {
            free += bytes;
        }
    }

    @Test
    void grantsNoMoreThanItsOwnLimit() {
        BytesInHand bytes = new BytesInHand(1_000, Admission.OPEN);

        assertThat(bytes.ask()).isEqualTo(1_000);
        assertThat(bytes.ask()).isZero();
    }

    @Test
    void givesBackWhatATakeDidNotUse() {
        Stock stock = new Stock(5_000);
        BytesInHand bytes = new BytesInHand(1_000, stock);

        bytes.took(bytes.ask(), 300);

        assertThat(stock.free).isEqualTo(4_700);
        assertThat(bytes.held()).isEqualTo(300);
        assertThat(bytes.ask()).isEqualTo(700);
    }

    @Test
    void oneJobLargerThanTheGrantIsHeldAndPaidOff() {
        Stock stock = new Stock(1_000);
        BytesInHand bytes = new BytesInHand(1_000, stock);

        bytes.took(bytes.ask(), 50_000);
        assertThat(bytes.held()).isEqualTo(50_000);
        assertThat(bytes.ask()).isZero();
        bytes.gone(50_000, 0);

        assertThat(stock.free).isEqualTo(1_000);
        assertThat(bytes.held()).isZero();
    }

    @Test
    void resultsCountAgainstTheLimitButNotTheAdmission() {
        Stock stock = new Stock(1_000);
        BytesInHand bytes = new BytesInHand(1_000, stock);
        bytes.took(bytes.ask(), 100);

        bytes.add(900);
        assertThat(bytes.ask()).isZero();
        bytes.gone(100, 900);

        assertThat(stock.free).isEqualTo(1_000);
        assertThat(bytes.held()).isZero();
    }

    @Test
    void whateverHappensEverythingIsGivenBackInTheEnd() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Stock stock = new Stock(10_000);
        BytesInHand bytes = new BytesInHand(6_000, stock);
        long held = 0;
        for (int i = 0; i < 10_000; i++) {
            long granted = bytes.ask();
            if (granted > 0) {
                long came = random.nextInt(4) == 0 ? granted + random.nextInt(5_000) : random.nextLong(granted + 1);
                bytes.took(granted, came);
                held += came;
            }
            long gone = random.nextLong(held + 1);
            bytes.gone(gone, 0);
            held -= gone;
            assertThat(stock.free).as("seed %d step %d", seed, i).isBetween(0L, 10_000L);
        }
        bytes.gone(held, 0);
        assertThat(stock.free).as("seed %d", seed).isEqualTo(10_000);
        assertThat(bytes.held()).as("seed %d", seed).isZero();
    }
}
