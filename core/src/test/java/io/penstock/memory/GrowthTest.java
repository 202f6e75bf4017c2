package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class GrowthTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Growth growth = new Growth();
    private long now = -10_000L * SECOND;

    @Test
    void saysNothingBeforeItHasSeenTheWholeSpan() {
        feed(400, second -> second * 10L);
        assertThat(growth.bytesInSpan(now)).isNaN();
    }

    @Test
    void measuresASteadyRise() {
        feed(1_200, second -> 50_000 + second * 10L);
        assertThat(growth.bytesInSpan(now)).isCloseTo(6_000, within(300.0));
    }

    @Test
    void aSteadyFloorDoesNotGrow() {
        feed(1_200, second -> 50_000 + second % 2);
        assertThat(growth.bytesInSpan(now)).isCloseTo(0, within(5.0));
    }

    @Test
    void oneHighReadingIsNoGrowth() {
        feed(1_200, second -> second == 1_190 ? 1_000_000 : 50_000);
        assertThat(growth.bytesInSpan(now)).isZero();
    }

    @Test
    void upAndDownIsNoGrowth() {
        feed(1_200, second -> second > 800 && second < 1_000 ? 90_000 : 50_000 + second);
        assertThat(growth.bytesInSpan(now)).isZero();
    }

    @Test
    void withoutCollectionsItSaysNothing() {
        feed(1_200, second -> 50_000 + second * 10L);
        now += 700 * SECOND;
        assertThat(growth.bytesInSpan(now)).isNaN();
    }

    private interface Floor {
        long at(int second);
    }

    private void feed(int seconds, Floor floor) {
        for (int second = 0; second < seconds; second++) {
            now += SECOND;
            growth.floor(now, floor.at(second));
        }
    }
}
