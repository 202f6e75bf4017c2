package io.penstock.redis;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PoolConfigTest {
    @Test
    void refusesWithTheKeyTheValueAndTheRange() {
        assertThatThrownBy(() -> PoolConfig.DEFAULT.connections(0, 0))
                .hasMessageContaining("REDIS_MAX_CONNECTIONS: 0 is outside 1 to 1000")
                .hasMessageContaining("set REDIS_MAX_CONNECTIONS");
        assertThatThrownBy(() -> PoolConfig.DEFAULT.connections(6, 5))
                .hasMessageContaining("REDIS_MIN_CONNECTIONS: 6 is outside 0 to 5");
        assertThatThrownBy(() -> PoolConfig.DEFAULT.acquireTimeout(Duration.ZERO))
                .hasMessageContaining("REDIS_ACQUIRE_TIMEOUT_MS: 0 is outside 1 to 300000 ms");
    }
}
