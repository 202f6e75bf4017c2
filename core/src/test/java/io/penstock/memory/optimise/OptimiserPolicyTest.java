package io.penstock.memory.optimise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class OptimiserPolicyTest {
    private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

    @Test
    void takesTheEdgesOfItsRanges() {
        OptimiserPolicy.of(true, true, 20, Duration.ofMillis(100), 0, 0);
        OptimiserPolicy.of(false, false, 95, Duration.ofHours(1), 4_096L << 20, 8_192L << 20);
        assertThat(OptimiserPolicy.defaults().threshold()).isEqualTo(80);
        assertThat(OptimiserPolicy.defaults().interval()).isEqualTo(HALF_A_MINUTE);
    }

    @Test
    void refusesWhatLiesBeyondThemAndNamesKeyValueAndRange() {
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 19, HALF_A_MINUTE, 0, 0))
                .hasMessage(
                        "memory optimisation: threshold is 19, legal is 20 to 95 (percent); the policy stays as it was;"
                                + " give a value within that");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 96, HALF_A_MINUTE, 0, 0))
                .hasMessageContaining("threshold is 96");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 80, Duration.ofMillis(99), 0, 0))
                .hasMessageContaining("interval is PT0.099S, legal is PT0.1S to PT1H");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 80, HALF_A_MINUTE, -1, 0))
                .hasMessageContaining("maxHeapBytes is -1");
        assertThatThrownBy(() -> OptimiserPolicy.of(true, true, 80, HALF_A_MINUTE, 0, -1))
                .hasMessageContaining("maxRssBytes is -1");
    }
}
