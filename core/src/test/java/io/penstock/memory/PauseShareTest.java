package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PauseShareTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final PauseShare pauses = new PauseShare();

    @Test
    void forgetsAPauseAfterAMinute() {
        long now = -SECOND * 1_000;
        pauses.paused(now, 6_000);
        assertThat(pauses.share(now)).isCloseTo(0.1, within(1e-9));
        assertThat(pauses.share(now + 59 * SECOND)).isCloseTo(0.1, within(1e-9));
        assertThat(pauses.share(now + 60 * SECOND)).isZero();
    }

    @Test
    void addsPausesOfAMinuteAndIsNeverAboveOne() {
        for (int second = 0; second < 300; second++) {
            pauses.paused(second * SECOND, 300);
        }
        assertThat(pauses.share(299 * SECOND)).isCloseTo(0.3, within(1e-9));
        pauses.paused(299 * SECOND, 120_000);
        assertThat(pauses.share(299 * SECOND)).isEqualTo(1);
    }
}
