package io.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.memory.probe.ClassHistogram;
import io.penstock.memory.probe.Outside;
import io.penstock.memory.probe.Probes;
import io.penstock.runtime.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotsTest {
    private static final String SECRET = "hunter2-in-a-payload";

    @TempDir
    private Path folder;

    private final ManualClock clock = new ManualClock();
    private final Map<String, Long> types = new HashMap<>(Map.of("mail.send", 3L));
    private MemoryMonitor monitor;
    private Snapshots snapshots;

    @BeforeEach
    void start() {
        monitor = new MemoryMonitor(
                MemoryConfig.DEFAULT,
                clock.timer(),
                null,
                Probes.below(clock, Outside.NONE, folder),
                new LiveSet(false));
        monitor.start();
        snapshots = new Snapshots(monitor, clock, () -> types, false);
    }

    @AfterEach
    void close() {
        monitor.close();
    }

    @Test
    void holdsNumbersNamesOfTypesAndTheLastEvents() {
        Snapshot snapshot = snapshots.take(false);
        assertThat(snapshot.sample().heapUsedBytes()).isPositive();
        assertThat(snapshot.jobTypes()).isEqualTo(types);
        assertThat(snapshot.histogram()).isNull();
        assertThat(snapshot.events())
                .singleElement()
                .extracting(MemoryEvent::kind)
                .isEqualTo(MemoryEvent.Kind.STARTED);
        assertThat(snapshots.find(snapshot.id())).contains(snapshot);
        assertThat(snapshots.find("none")).isEmpty();
    }

    @Test
    void listsTheClassesWhenAskedTo() {
        ClassHistogram histogram = snapshots.take(true).histogram();
        assertThat(histogram).isNotNull();
        assertThat(histogram.classes()).hasSizeBetween(10, Snapshots.MOST_CLASSES);
    }

    @Test
    void tellsNoPayloadSettingOrThreadName() {
        String before = Thread.currentThread().getName();
        System.setProperty("penstock.test.secret", SECRET);
        Thread.currentThread().setName(SECRET);
        List<String> payload = List.of(new String(SECRET.toCharArray()));
        try {
            assertThat(snapshots.take(true).toString()).doesNotContain(payload);
        } finally {
            Thread.currentThread().setName(before);
            System.clearProperty("penstock.test.secret");
        }
    }

    @Test
    void keepsTheNewestWithinItsBounds() {
        for (int i = 0; i < 1_000; i++) {
            types.put("type-" + i, 1L);
        }
        for (int i = 0; i < Snapshots.MOST + 5; i++) {
            snapshots.take(false);
        }
        assertThat(snapshots.list()).hasSize(Snapshots.MOST).doesNotHaveDuplicates();
        assertThat(snapshots.list().get(0).jobTypes()).hasSize(Snapshots.MOST_TYPES);
        assertThat(snapshots.retainedBytes()).isLessThan(Snapshots.MOST_BYTES);
    }

    @Test
    void countsBytesAsWellAsSnapshots() {
        types.put("t".repeat(Snapshots.MOST_BYTES / 3), 1L);
        for (int i = 0; i < 5; i++) {
            snapshots.take(false);
        }
        assertThat(snapshots.list()).hasSize(2);
        assertThat(snapshots.retainedBytes()).isLessThan(Snapshots.MOST_BYTES);
    }

    @Test
    void writesNoHeapDumpUnlessItWasAllowed() {
        Path file = folder.resolve("heap.hprof");
        assertThatThrownBy(() -> snapshots.heapDump(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("memory.snapshot.heap-dump");
        assertThat(file).doesNotExist();
    }

    @Test
    void aHeapDumpIsReadableByItsOwnerOnlyAndReplacesNothing() throws IOException {
        Snapshots allowed = new Snapshots(monitor, clock, Map::of, true);
        Path file = folder.resolve("heap.hprof");
        allowed.heapDump(file);
        assertThat(file).isNotEmptyFile();
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThatThrownBy(() -> allowed.heapDump(file)).hasMessageContaining("exists");
        assertThatThrownBy(() -> allowed.heapDump(folder.resolve("heap.txt"))).hasMessageContaining(".hprof");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }
}
