package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class OverheadTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Overhead overhead = new Overhead();

    @Test
    void aStrugglingCollectorGetsEverythingUntilItHasRecovered() {
        assertThat(overhead.decide(0.2, 30 * SECOND, 0)).isEqualTo(MonitorMode.FULL);
        assertThat(overhead.decide(0.3, 30 * SECOND, SECOND)).isEqualTo(MonitorMode.BASIC);
        assertThat(overhead.decide(0.0, 30 * SECOND, 60 * SECOND))
                .as("not yet a minute")
                .isEqualTo(MonitorMode.BASIC);
        assertThat(overhead.decide(0.2, 30 * SECOND, 62 * SECOND))
                .as("not well yet")
                .isEqualTo(MonitorMode.BASIC);
        assertThat(overhead.decide(0.1, 30 * SECOND, 63 * SECOND)).isEqualTo(MonitorMode.FULL);
    }

    @Test
    void samplesThatTakeMoreThanHalfAPercentAreTooDear() {
        for (int i = 0; i < 5; i++) {
            overhead.took(Duration.ofMillis(6).toNanos());
        }
        assertThat(overhead.decide(0, 30 * SECOND, 0)).isEqualTo(MonitorMode.FULL);
        assertThat(overhead.decide(0, SECOND, 0)).isEqualTo(MonitorMode.BASIC);
        for (int i = 0; i < 5; i++) {
            overhead.took(Duration.ofMillis(0).toNanos());
        }
        assertThat(overhead.decide(0, SECOND, 61 * SECOND)).isEqualTo(MonitorMode.FULL);
    }

    @Test
    void theFirstSampleWhichLoadsClassesIsNotHeldAgainstIt() {
        overhead.took(Duration.ofMillis(200).toNanos());
        overhead.took(100_000);
        overhead.took(100_000);
        assertThat(overhead.decide(0, SECOND, 0)).isEqualTo(MonitorMode.FULL);
        assertThat(overhead.sampleMicros()).isEqualTo(100);
        assertThat(overhead.longestMicros()).isEqualTo(200_000);
    }
}
