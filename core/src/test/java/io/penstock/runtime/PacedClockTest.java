package io.penstock.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PacedClockTest {
    private final ManualClock machine = new ManualClock();

    @Test
    void takesTenMinutesForADay() {
        Clock clock = PacedClock.of(machine, 144);
        long nanos = clock.nanos();
        long millis = clock.millis();
        assertThat(nanos).isEqualTo(machine.nanos());
        assertThat(millis).isEqualTo(machine.millis());

        machine.leap(Duration.ofMinutes(10));

        assertThat(clock.nanos() - nanos).isEqualTo(Duration.ofDays(1).toNanos());
        assertThat(clock.millis() - millis).isEqualTo(Duration.ofDays(1).toMillis());
    }

    @Test
    void tellsHowLongTheMachineWaitsAndNeverNothing() {
        Clock clock = PacedClock.of(machine, 144);
        assertThat(clock.waitNanos(144_000)).isEqualTo(1_000);
        assertThat(clock.waitNanos(1)).isEqualTo(1);
        assertThat(machine.waitNanos(1_000)).isEqualTo(1_000);
    }

    @Test
    void isTheMachinesOwnAtItsPaceAndRefusesWhatWouldOverflow() {
        assertThat(Clock.faster(1)).isSameAs(Clock.system());
        assertThatThrownBy(() -> Clock.faster(0))
                .hasMessageContaining("0 times")
                .hasMessageContaining("10000");
        assertThatThrownBy(() -> Clock.faster(10_001)).hasMessageContaining("10001");
    }
}
