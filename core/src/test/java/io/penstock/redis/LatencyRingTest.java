package io.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LatencyRingTest {
    @Test
    void keepsTheLastLooksInTheirOrder() {
        LatencyRing ring = new LatencyRing();
        assertThat(ring.looks()).isEmpty();
        for (int i = 0; i < LatencyRing.LOOKS + 10; i++) {
            ring.add(i, 0.5, 1.5, 2.5);
        }
        assertThat(ring.looks()).hasSize(LatencyRing.LOOKS);
        assertThat(ring.looks().get(0)).isEqualTo(new LatencyStats.Look(Instant.ofEpochMilli(10), 0.5, 1.5, 2.5));
        assertThat(ring.looks().get(LatencyRing.LOOKS - 1).at()).isEqualTo(Instant.ofEpochMilli(LatencyRing.LOOKS + 9));
    }
}
