package io.penstock.memory.optimise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class OptimiserPolicyTest {
    private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

    @Test
    void takesTheEdgesOfItsRanges() {
        OptimiserPolicy.of(true, true, 50, Duration.ofSeconds(1), 0, 0);
        OptimiserPolicy.of(false, false, 99, Duration.ofHours(1), 4_096L << 20, 8_192L << 20);
        assertThat(OptimiserPolicy.defaults().threshold()).isEqualTo(80);
        assertThat(OptimiserPolicy.defaults().interval()).isEqualTo(HALF_A_MINUTE);
    }

    @Test
    void refusesWhatLiesBeyondThemAndNamesKeyValueAndRange() {
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 49, HALF_A_MINUTE, 0, 0))
                .hasMessage(
                        "memory optimisation: threshold is 49, legal is 50 to 99 (percent); the policy stays as it was;"
                                + " give a value within that");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 100, HALF_A_MINUTE, 0, 0))
                .hasMessageContaining("threshold is 100");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 80, Duration.ofMillis(999), 0, 0))
                .hasMessageContaining("interval is PT0.999S, legal is PT1S to PT1H");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 80, HALF_A_MINUTE, -1, 0))
                .hasMessageContaining("maxHeapBytes is -1");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 80, HALF_A_MINUTE, 0, -1))
                .hasMessageContaining("maxRssBytes is -1");
    }
}
