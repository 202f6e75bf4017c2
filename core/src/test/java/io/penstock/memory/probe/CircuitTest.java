package io.penstock.memory.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.MemoryUsage;
import org.junit.jupiter.api.Test;

final class CircuitTest {
    private final ManualTime time = new ManualTime();
    private int asked;

    /** Answers 7 in {@link Column#RSS} unless it is told to do worse. */
    private final class Planted implements Probe {
        private boolean failing;
        private long nanos;
        private long every;

        @Override
        public String name() {
            return "planted";
        }

        @Override
        public Column[] columns() {
            return new Column[] {Column.RSS};
        }

        @Override
        public long everyNanos() {
            return every;
        }

        @Override
        public void read(long[] row) throws IOException {
            asked++;
            time.pass(nanos);
            row[Column.RSS.index()] = 7;
            if (failing) {
                throw new IOException("planted");
            }
        }
    }

    private final Planted planted = new Planted();

    @Test
    void aFailingProbeIsOffAfterThreeFailuresAndTheOthersGoOn() {
        Probes probes = Probes.of(time, planted, new HeapProbe(() -> new MemoryUsage(0, 5, 6, 9)));
        probes.read();
        assertThat(probes.get(Column.RSS)).isEqualTo(7);
        planted.failing = true;
        for (int i = 0; i < 10; i++) {
            probes.read();
            assertThat(probes.get(Column.RSS)).isEqualTo(Column.UNKNOWN);
        }
        assertThat(asked).isEqualTo(1 + Circuit.FAILURES);
        assertThat(probes.get(Column.HEAP_USED)).isEqualTo(5);
        assertThat(probes.states())
                .filteredOn(state -> !state.on())
                .singleElement()
                .satisfies(state -> assertThat(state.reason()).contains("planted"));
    }

    @Test
    void anOffProbeIsTriedAgainAfterLongerAndLongerRests() {
        Probes probes = Probes.of(time, planted);
        planted.failing = true;
        for (int i = 0; i < Circuit.FAILURES; i++) {
            probes.read();
        }
        asked = 0;
        time.pass(Circuit.FIRST_REST_NANOS - 1);
        probes.read();
        assertThat(asked).isZero();
        time.pass(1);
        probes.read();
        assertThat(asked).isEqualTo(1);
        time.pass(Circuit.FIRST_REST_NANOS);
        probes.read();
        assertThat(asked).as("the second rest is twice as long").isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            time.pass(Circuit.LONGEST_REST_NANOS);
            probes.read();
        }
        assertThat(asked).as("no rest is longer than half an hour").isEqualTo(21);

        planted.failing = false;
        time.pass(Circuit.LONGEST_REST_NANOS);
        probes.read();
        assertThat(probes.get(Column.RSS)).isEqualTo(7);
        assertThat(probes.states().get(0).on()).isTrue();
    }

    @Test
    void aSlowProbeIsOffAfterThreeSlowReadingsInARow() {
        Probes probes = Probes.of(time, planted);
        planted.nanos = Circuit.SLOW_NANOS + 1;
        probes.read();
        probes.read();
        planted.nanos = 0;
        probes.read();
        assertThat(probes.states().get(0).failures()).isZero();
        planted.nanos = Circuit.SLOW_NANOS + 1;
        for (int i = 0; i < 5; i++) {
            probes.read();
        }
        assertThat(asked).isEqualTo(6);
        assertThat(probes.get(Column.RSS)).isEqualTo(Column.UNKNOWN);
        assertThat(probes.states().get(0).reason()).contains("took 5000 us");
    }

    @Test
    void aDearProbeKeepsItsNumberUntilItIsDueAgain() {
        planted.every = 1_000;
        Probes probes = Probes.of(time, planted);
        probes.read();
        probes.read();
        assertThat(asked).isEqualTo(1);
        assertThat(probes.get(Column.RSS)).isEqualTo(7);
        time.pass(1_000);
        probes.read();
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void aTornReadingOfTheHeapKeepsTheLastNumbers() {
        boolean[] torn = {false};
        Probes probes = Probes.of(time, new HeapProbe(() -> {
            if (torn[0]) {
                throw new IllegalArgumentException("committed = 1 should be < max = 0"); // JDK-8207200
            }
            return new MemoryUsage(0, 5, 6, -1);
        }));
        probes.read();
        torn[0] = true;
        for (int i = 0; i < 5; i++) {
            probes.read();
        }
        assertThat(probes.get(Column.HEAP_USED)).isEqualTo(5);
        assertThat(probes.get(Column.HEAP_MAX)).as("the JVM names no limit").isEqualTo(Column.UNKNOWN);
        assertThat(probes.states().get(0).on()).isTrue();
    }

    @Test
    void theBasicReadingForgetsEverythingButTheTotalsOfTheHeap() {
        Probes probes = Probes.of(time, planted);
        probes.read();
        probes.readBasic();
        assertThat(probes.get(Column.RSS)).isEqualTo(Column.UNKNOWN);
        assertThat(probes.get(Column.HEAP_USED)).isPositive();
        assertThat(probes.get(Column.HEAP_MAX)).isEqualTo(Runtime.getRuntime().maxMemory());
        assertThat(asked).isEqualTo(1);
    }
}
