package io.penstock.memory.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.penstock.runtime.Clock;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProbesTest {
    @Test
    void readsThisProcess() {
        try (Probes probes = Probes.ofThisProcess(Clock.system(), Outside.NONE)) {
            probes.read();
            assertThat(probes.get(Column.HEAP_USED)).isBetween(1L << 20, probes.get(Column.HEAP_COMMITTED));
            assertThat(probes.get(Column.METASPACE_USED)).isPositive();
            assertThat(probes.get(Column.CODE_CACHE_USED)).isPositive();
            assertThat(probes.get(Column.NON_HEAP_USED)).isGreaterThan(probes.get(Column.METASPACE_USED));
            assertThat(probes.get(Column.DIRECT_MAX)).isPositive();
            assertThat(probes.get(Column.THREADS)).isPositive();
            assertThat(probes.collectors()).isNotEmpty();
            if (Files.exists(Path.of("/proc/self/status"))) {
                assertThat(probes.get(Column.RSS)).isGreaterThan(10 << 20);
                assertThat(probes.get(Column.CPU_MILLIS)).isPositive();
            }
            assertThat(probes.states()).allMatch(ProbeState::on);
        }
    }

    @Test
    void aReadingAllocatesAtMost500Bytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Outside outside = new Outside("redis", () -> 1, () -> 2);
        int readings = 5_000;
        try (Probes probes = Probes.ofThisProcess(Clock.system(), outside)) {
            for (int i = 0; i < 2_000; i++) {
                probes.read();
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < readings; i++) {
                probes.read();
            }
            long each = (threads.getCurrentThreadAllocatedBytes() - before) / readings;
            assertThat(each).as("bytes a reading").isLessThanOrEqualTo(500);
        }
    }

    @Test
    void theOutsideGaugeIsUnknownWhereItHasNoLimit() {
        try (Probes probes = Probes.of(new ManualTime(), new OutsideProbe(new Outside("redis", () -> 5, () -> 0)))) {
            probes.read();
            assertThat(probes.get(Column.OUTSIDE_USED)).isEqualTo(5);
            assertThat(probes.get(Column.OUTSIDE_MAX)).isEqualTo(Column.UNKNOWN);
        }
    }

    @Test
    void cyclesBesideTheProgramAreNoPauses() {
        CollectorProbe probe = new CollectorProbe(List.of(
                bean("ZGC Minor Cycles", 10, 500),
                bean("ZGC Minor Pauses", 30, 3),
                bean("ZGC Major Cycles", 2, 400),
                bean("ZGC Major Pauses", 6, 1)));
        assertThat(read(probe))
                .containsEntry(Column.COLLECTIONS, 12L)
                .containsEntry(Column.GC_PAUSES, 36L)
                .containsEntry(Column.GC_PAUSE_MILLIS, 4L)
                .containsEntry(Column.GC_CYCLES, 12L)
                .containsEntry(Column.GC_CYCLE_MILLIS, 900L);
        assertThat(probe.totals().get(0).concurrent()).isTrue();
        assertThat(probe.totals().get(1).concurrent()).isFalse();
    }

    @Test
    void whatG1DoesInPausesIsPausesAndAnUnknownCountIsNone() {
        CollectorProbe probe = new CollectorProbe(List.of(
                bean("G1 Young Generation", 10, 50),
                bean("G1 Concurrent GC", 2, 7),
                bean("G1 Old Generation", -1, -1)));
        assertThat(read(probe))
                .containsEntry(Column.COLLECTIONS, 12L)
                .containsEntry(Column.GC_PAUSES, 12L)
                .containsEntry(Column.GC_PAUSE_MILLIS, 57L)
                .containsEntry(Column.GC_CYCLES, 0L);
    }

    @Test
    void psIsAskedAtOneReadingAndAnswersAtTheNext() {
        ManualTime time = new ManualTime();
        PsProbe ps = new PsProbe(List.of("/bin/echo", "  1234 "));
        try (Probes probes = Probes.of(time, ps)) {
            probes.read();
            assertThat(probes.get(Column.RSS)).isEqualTo(Column.UNKNOWN);
            await().until(ps::answered);
            time.pass(ps.everyNanos());
            probes.read();
            assertThat(probes.get(Column.RSS)).isEqualTo(1_234L << 10);
        }
    }

    @Test
    void psThatSaysNothingOrIsMissingIsSwitchedOffAndNeverGuessedFor() {
        for (List<String> command : List.of(List.of("/bin/echo", "no such process"), List.of("/no/such/program"))) {
            ManualTime time = new ManualTime();
            PsProbe ps = new PsProbe(command);
            try (Probes probes = Probes.of(time, ps)) {
                for (int i = 0; i < 10; i++) {
                    probes.read();
                    await().until(ps::answered);
                    time.pass(ps.everyNanos());
                }
                assertThat(probes.get(Column.RSS)).isEqualTo(Column.UNKNOWN);
                assertThat(probes.states().get(0).failures()).isPositive();
            }
        }
    }

    private static Map<Column, Long> read(Probe probe) {
        long[] row = new long[Column.count()];
        try {
            probe.read(row);
        } catch (java.io.IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
        Map<Column, Long> read = new java.util.EnumMap<>(Column.class);
        for (Column column : probe.columns()) {
            read.put(column, row[column.index()]);
        }
        return read;
    }

    private static GarbageCollectorMXBean bean(String name, long count, long millis) {
        return (GarbageCollectorMXBean) Proxy.newProxyInstance(
                ProbesTest.class.getClassLoader(),
                new Class<?>[] {GarbageCollectorMXBean.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getName" -> name;
                    case "getCollectionCount" -> count;
                    case "getCollectionTime" -> millis;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
