package io.penstock.examples.chat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GcLogTest {
    @Test
    void readsThePausesOfTwoCollectorsAndNothingElse() {
        GcLog log = GcLog.of(List.of(
                "[0.008s] Using G1",
                "[1.204s] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 24M->7M(64M) 3.210ms",
                "[2.000s] GC(1) Concurrent Mark Cycle",
                "[2.102s] GC(2) Pause Young (Concurrent Start) (System.gc()) 30M->9M(64M) 2.001ms",
                "[2.102s] GC(1) Pause Remark 9M->9M(64M) 2.001ms",
                "[31.500s] GC(3) Pause Full (System.gc()) 40M->2048K(62M) 20.456ms"));
        assertThat(log.collections()).hasSize(4);
        assertThat(log.asked()).isEqualTo(2);
        assertThat(log.left()).containsExactly(2L << 20, 7L << 20, 9L << 20, 9L << 20);
        assertThat(log.whole().left()).containsExactly(2L << 20);
        assertThat(log.after(30).left()).containsExactly(2L << 20);
    }
}
