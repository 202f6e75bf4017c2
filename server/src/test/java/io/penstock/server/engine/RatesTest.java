package io.penstock.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.runtime.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RatesTest {
    private long nanos;
    private final Rates rates = new Rates(new Clock() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return nanos / 1_000_000;
        }
    });

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void isZeroAtTheFirstLookAndTheGrowthAfterIt() {
        assertThat(rates.perSecond("q", 100)).isZero();
        pass(Duration.ofSeconds(10));
        assertThat(rates.perSecond("q", 150)).isEqualTo(5);
        assertThat(rates.perSecond("other", 150)).isZero();
    }

    @Test
    void looksBackAMinute() {
        rates.perSecond("q", 0);
        for (int i = 1; i <= 120; i++) {
            pass(Duration.ofSeconds(1));
            rates.perSecond("q", i <= 60 ? i * 100L : 6_000);
        }
        assertThat(rates.perSecond("q", 6_000)).isLessThan(5);
    }

    @Test
    void startsAnewWhenTheQueueWasMadeAnew() {
        rates.perSecond("q", 1_000);
        pass(Duration.ofSeconds(5));
        assertThat(rates.perSecond("q", 3)).isZero();
    }
}
