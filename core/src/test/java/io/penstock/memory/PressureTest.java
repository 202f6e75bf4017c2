package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PressureTest {
    @Test
    void theWorstCounts() {
        Pressure pressure = new Pressure(0.3, 0.5, 0.1, 0.2, 0, 0.9);
        assertThat(pressure.worst()).isEqualTo(0.9);
        assertThat(pressure.cause()).isEqualTo("outside");
        assertThat(new Pressure(0.3, 0.5, 0.1, 0.2, 0, 0).cause()).isEqualTo("process");
        assertThat(Pressure.NONE.cause()).isEqualTo("none");
    }

    @Test
    void whatIsUnknownPressesNot() {
        assertThat(Pressure.share(-1, 100)).isZero();
        assertThat(Pressure.share(5, -1)).isZero();
        assertThat(Pressure.share(5, 0)).isZero();
        assertThat(Pressure.lost(-1)).isZero();
        assertThat(Pressure.lost(0.25)).isEqualTo(0.5);
        assertThat(Pressure.lost(0.9)).isEqualTo(1);
    }
}
