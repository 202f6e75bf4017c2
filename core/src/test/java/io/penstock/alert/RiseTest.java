package io.penstock.alert;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RiseTest {
    private static final long START = 1_767_225_600_000L;
    private static final long MINUTE = 60_000;

    @Test
    void knowsARiseAtOnceAndItsAbsenceAfterTenMinutes() {
        Rise rise = new Rise();
        assertThat(rise.look(5, START)).isNaN();
        assertThat(rise.look(7, START + 10_000)).isEqualTo(2);
        Rise still = new Rise();
        for (int minute = 0; minute < 10; minute++) {
            assertThat(still.look(5, START + minute * MINUTE)).isNaN();
        }
        assertThat(still.look(5, START + 10 * MINUTE)).isZero();
    }

    @Test
    void forgetsARiseAfterTenMinutes() {
        Rise rise = new Rise();
        rise.look(0, START);
        assertThat(rise.look(3, START + MINUTE)).isEqualTo(3);
        for (int minute = 2; minute <= 10; minute++) {
            assertThat(rise.look(3, START + minute * MINUTE)).isEqualTo(3);
        }
        assertThat(rise.look(3, START + 11 * MINUTE)).isZero();
    }

    @Test
    void takesAFallForANewBeginning() {
        Rise rise = new Rise();
        rise.look(100, START);
        assertThat(rise.look(0, START + 1_000)).isNaN();
        assertThat(rise.look(1, START + 2_000)).isEqualTo(1);
    }

    @Test
    void forgetsAllOverALongSleepAndBearsAClockThatGoesBack() {
        Rise rise = new Rise();
        rise.look(0, START);
        assertThat(rise.look(9, START + 600 * MINUTE)).isZero();
        assertThat(rise.look(10, START)).isEqualTo(1);
    }
}
