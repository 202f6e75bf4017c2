package io.penstock.memory.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OldObjectsTest {
    private volatile long[] garbage = {};

    @Test
    void findsTheClassThatStays() throws IOException {
        assertThat(OldObjects.hindrance()).isEmpty();
        List<long[]> kept = new ArrayList<>();
        List<OldObject> found;
        try (OldObjects sampling = new OldObjects()) {
            for (int i = 0; i < 400; i++) {
                kept.add(new long[25_000]);
                garbage = new long[25_000];
            }
            // the sampler tells of what has survived a collection in which other samples died, and notes that when it
            // takes the next one
            System.gc();
            for (int i = 0; i < 100; i++) {
                garbage = new long[25_000];
            }
            found = sampling.end(Duration.ZERO);
        }
        assertThat(kept).hasSize(400);
        assertThat(garbage).isNotEmpty();
        assertThat(found).extracting(OldObject::className).contains("[J");
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .noneMatch(name -> name.startsWith("penstock-old-objects"));
        }
    }

    @Test
    void leavesNothingRunningThatWasNotEnded() {
        int before = jdk.jfr.FlightRecorder.getFlightRecorder().getRecordings().size();
        new OldObjects().close();

        assertThat(jdk.jfr.FlightRecorder.getFlightRecorder().getRecordings()).hasSize(before);
    }
}
