package io.penstock.runtime;

import static io.penstock.runtime.Health.Status.DEGRADED;
import static io.penstock.runtime.Health.Status.DOWN;
import static io.penstock.runtime.Health.Status.UP;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HysteresisTest {
    private final ManualClock clock = new ManualClock();
    private final Hysteresis hysteresis = new Hysteresis(clock);

    private Health.Status look(Health.Status... looks) {
        for (Health.Status seen : looks) {
            clock.advance(Duration.ofSeconds(10));
            hysteresis.look(seen, seen.toString());
        }
        return hysteresis.health().status();
    }

    @Test
    void oneBadLookIsNoOutageAndTwoAre() {
        assertThat(look(DOWN)).isEqualTo(UP);
        assertThat(look(UP, DOWN)).isEqualTo(UP);
        assertThat(look(DOWN)).isEqualTo(DOWN);
    }

    @Test
    void worsensToTheBestOfTheBadLooks() {
        assertThat(look(DOWN, DEGRADED)).isEqualTo(DEGRADED);
        assertThat(look(DOWN, DOWN)).isEqualTo(DOWN);
    }

    @Test
    void recoversByItselfAfterThreeGoodLooks() {
        look(DOWN, DOWN);
        assertThat(look(UP, UP)).isEqualTo(DOWN);
        assertThat(look(UP)).isEqualTo(UP);
    }

    @Test
    void recoversToTheWorstOfTheGoodLooks() {
        look(DOWN, DOWN);
        assertThat(look(UP, DEGRADED, UP)).isEqualTo(DEGRADED);
        assertThat(look(UP, UP, UP)).isEqualTo(UP);
    }

    @Test
    void whatIsGoodAndBadByTurnsKeepsWhatItHas() {
        for (int i = 0; i < 50; i++) {
            assertThat(look(DEGRADED, UP)).isEqualTo(UP);
        }
        look(DOWN, DOWN);
        for (int i = 0; i < 50; i++) {
            assertThat(look(UP, UP, DOWN)).isEqualTo(DOWN);
        }
    }

    @Test
    void tellsWhySinceWhenAndHowManyLooksFailed() {
        look(UP, DOWN, DOWN);
        Instant began = Instant.ofEpochMilli(clock.millis());
        look(DOWN);

        Health health = hysteresis.health();

        assertThat(health.reason()).isEqualTo("DOWN");
        assertThat(health.since()).isEqualTo(began);
        assertThat(health.consecutiveFailures()).isEqualTo(3);
        look(UP);
        assertThat(hysteresis.health().reason()).as("until it has recovered").isEqualTo("DOWN");
        assertThat(hysteresis.health().consecutiveFailures()).isZero();
        look(UP, UP);
        assertThat(hysteresis.health().reason()).isEmpty();
    }
}
