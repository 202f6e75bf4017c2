package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class MemoryConfigTest {
    private static final MemoryConfig CONFIG = MemoryConfig.DEFAULT;

    @Test
    void namesKeyValueRangeAndWhatToDo() {
        assertThatThrownBy(() -> CONFIG.withThreshold(120))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "memory.threshold 120 is outside 20 to 95 (percent); the settings in force were not changed;"
                                + " give a value in that range");
        assertThatThrownBy(() -> CONFIG.withIntervalMs(0)).hasMessageContaining("memory.intervalMs 0 is outside 100");
        assertThatThrownBy(() -> CONFIG.withLevels(80, 90, 95)).hasMessageContaining("memory.levels.watch 80");
        assertThatThrownBy(() -> CONFIG.withLevels(70, 80, 95)).hasMessageContaining("memory.levels.critical 80");
        assertThatThrownBy(() -> CONFIG.withLevels(70, 90, 100)).hasMessageContaining("memory.levels.emergency 100");
        assertThatThrownBy(() -> CONFIG.withBudgets(-1, 0)).hasMessageContaining("memory.maxHeapSizeMB -1");
        assertThatThrownBy(() -> CONFIG.withBudgets(0, 1L << 40)).hasMessageContaining("memory.maxRSSSizeMB");
    }

    @Test
    void everyLegalThresholdFindsRoomBetweenTheOtherLevels() {
        for (int threshold = 20; threshold <= 95; threshold++) {
            MemoryConfig config = CONFIG.withThreshold(threshold);
            assertThat(config.line(MemoryLevel.HIGH)).isEqualTo(threshold / 100.0);
            assertThat(config.watch()).isLessThan(threshold);
            assertThat(config.emergency()).isGreaterThan(config.critical());
        }
        assertThat(CONFIG.withThreshold(85)).isEqualTo(new MemoryConfig(true, 30_000, 70, 85, 90, 95, 0, 0));
    }

    @Test
    void budgetsAreWhatTheSystemAllowsUnlessLessIsAsked() {
        long mb = 1 << 20;
        assertThat(CONFIG.heapBudget(500 * mb)).isEqualTo(500 * mb);
        assertThat(CONFIG.heapBudget(-1)).isNegative();
        assertThat(CONFIG.withBudgets(100, 0).heapBudget(500 * mb)).isEqualTo(100 * mb);
        assertThat(CONFIG.withBudgets(900, 0).heapBudget(500 * mb)).isEqualTo(500 * mb);
        assertThat(CONFIG.withBudgets(900, 0).heapBudget(-1)).isEqualTo(900 * mb);
        assertThat(CONFIG.rssBudget(-1)).isNegative();
        assertThat(CONFIG.rssBudget(1_000 * mb)).isEqualTo(900 * mb);
        assertThat(CONFIG.withBudgets(0, 200).rssBudget(-1)).isEqualTo(200 * mb);
        assertThat(CONFIG.withBudgets(0, 200).rssBudget(1_000 * mb)).isEqualTo(200 * mb);
    }
}
