package io.penstock.memory.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClassHistogramTest {
    private static final String RECORDED = """
             num     #instances         #bytes  class name (module)
            -------------------------------------------------------
               1:         13345        1543216  [B (java.base@17.0.15)
               2:         12000         288000  java.lang.String (java.base@17.0.15)
               3:             5            120  [[Ljava.lang.Object; (java.base@17.0.15)
               4:             1             16  io.penstock.Plan$$Lambda$14/0x0000000800c03000
               5:             1             16  io.penstock.Plan$$Lambda$14/0x0000000800c03218
            Total         25352        1831368
            """;

    private static final class Witness {}

    @Test
    void readsWhatTheJvmWrites() {
        ClassHistogram histogram = ClassHistogram.parse(RECORDED, 3);
        assertThat(histogram.totalBytes()).isEqualTo(1_831_368);
        assertThat(histogram.totalInstances()).isEqualTo(25_352);
        assertThat(histogram.classes())
                .containsExactly(
                        new ClassHistogram.Entry("byte[]", 13_345, 1_543_216),
                        new ClassHistogram.Entry("java.lang.String", 12_000, 288_000),
                        new ClassHistogram.Entry("java.lang.Object[][]", 5, 120));
    }

    @Test
    void hiddenClassesOfOnePlaceAreOneLine() {
        assertThat(ClassHistogram.parse(RECORDED, 10).classes())
                .last()
                .isEqualTo(new ClassHistogram.Entry("io.penstock.Plan$$Lambda$14", 2, 32));
    }

    @Test
    void countsTheLivingObjectsOfThisProcess() {
        List<Witness> kept = new ArrayList<>();
        for (int i = 0; i < 1_234; i++) {
            kept.add(new Witness());
        }
        ClassHistogram histogram = ClassHistogram.take(ClassHistogram.MOST_CLASSES);
        assertThat(histogram.classes())
                .filteredOn(entry -> entry.className().equals(Witness.class.getName()))
                .singleElement()
                .extracting(ClassHistogram.Entry::instances)
                .isEqualTo((long) kept.size());
    }

    @Test
    void saysWhatItWillCostAndRefusesWhatIsOutOfRange() {
        assertThat(ClassHistogram.estimatePauseMillis(512L << 20)).isBetween(400L, 520L);
        assertThat(ClassHistogram.estimatePauseMillis(Column.UNKNOWN)).isZero();
        assertThatThrownBy(() -> ClassHistogram.take(0)).hasMessageContaining("0 classes is not 1 to 10000");
    }
}
