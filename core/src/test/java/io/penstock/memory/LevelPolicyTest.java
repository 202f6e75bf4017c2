package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LevelPolicyTest {
    private final LevelPolicy policy = new LevelPolicy(MemoryConfig.DEFAULT);
    private long now = -3_000_000_000L;

    @Test
    void risesAfterTwoReadingsAndNotAfterOne() {
        assertThat(read(0.85)).isEqualTo(MemoryLevel.NORMAL);
        assertThat(policy.wantsConfirmation()).isTrue();
        assertThat(read(0.85)).isEqualTo(MemoryLevel.HIGH);
        assertThat(policy.wantsConfirmation()).isFalse();
    }

    @Test
    void risesOnlyAsFarAsBothReadingsSay() {
        read(0.72);
        assertThat(read(0.91)).isEqualTo(MemoryLevel.WATCH);
        assertThat(read(0.91)).isEqualTo(MemoryLevel.CRITICAL);
    }

    @Test
    void anEmergencyNeedsNoSecondReading() {
        assertThat(read(0.96)).isEqualTo(MemoryLevel.EMERGENCY);
    }

    @Test
    void onePeakBetweenCalmReadingsChangesNothing() {
        for (int i = 0; i < 20; i++) {
            assertThat(read(i % 2 == 0 ? 0.93 : 0.3)).isEqualTo(MemoryLevel.NORMAL);
        }
    }

    @Test
    void sinksAfterAMinuteFivePointsBelowItsLine() {
        read(0.82);
        read(0.82);
        pass(600, 0.76);
        assertThat(policy.level()).as("not five points below 80").isEqualTo(MemoryLevel.HIGH);
        pass(59, 0.50);
        assertThat(policy.level()).isEqualTo(MemoryLevel.HIGH);
        pass(2, 0.50);
        assertThat(policy.level()).isEqualTo(MemoryLevel.NORMAL);
    }

    @Test
    void sinksOnlyToTheWorstOfThatMinute() {
        read(0.96);
        pass(30, 0.40);
        pass(30, 0.83);
        pass(2, 0.40);
        assertThat(policy.level()).isEqualTo(MemoryLevel.HIGH);
    }

    @Test
    void aReadingAboveBeginsTheMinuteAnew() {
        read(0.82);
        read(0.82);
        pass(50, 0.50);
        read(0.79);
        pass(50, 0.50);
        assertThat(policy.level()).isEqualTo(MemoryLevel.HIGH);
    }

    @Test
    void pressureThatWaversAboutALineDoesNotMakeTheLevelFlutter() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int changes = 0;
        MemoryLevel before = policy.level();
        for (int i = 0; i < 86_400; i++) {
            MemoryLevel level = read(0.80 + random.nextGaussian() * 0.01);
            changes += level == before ? 0 : 1;
            before = level;
        }
        assertThat(changes).as("changes in a day, seed %d", seed).isLessThanOrEqualTo(2);
    }

    private void pass(int seconds, double pressure) {
        for (int i = 0; i < seconds; i++) {
            read(pressure);
        }
    }

    private MemoryLevel read(double pressure) {
        now += Duration.ofSeconds(1).toNanos();
        return policy.read(pressure, now);
    }
}
