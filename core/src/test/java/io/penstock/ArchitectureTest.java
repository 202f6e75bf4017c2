package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Holds the library to its floors, and shows of each rule that it can fail. */
final class ArchitectureTest {
    private static final Path TARGET =
            Path.of(System.getProperty("basedir", ".")).resolve("target");
    private static final Architecture HOUSE = new Architecture("io.penstock");
    private static final Architecture PLANTED = new Architecture("io.penstock.planted");
    private static final JavaClasses MAIN = new ClassFileImporter().importPath(TARGET.resolve("classes"));
    private static final JavaClasses FAULTS =
            new ClassFileImporter().importPath(TARGET.resolve("test-classes/io/penstock/planted"));

    @Test
    void importsGoDownTheFloors() {
        assertThat(HOUSE.floors(MAIN)).isEmpty();
        assertThat(PLANTED.floors(FAULTS))
                .contains("package io.penstock.planted.nowhere is on no floor; add it to FLOORS and ARCHITECTURE.md")
                .anyMatch(v -> v.contains("series.PlantedUpwardImport") && v.contains("monitor.PlantedRoom"))
                .noneMatch(v -> v.contains("monitor.PlantedRoom") && v.contains("runtime.PlantedThread>"));
    }

    @Test
    void onlyRedisKnowsTheRedisClient() {
        holdsButCatches(Architecture::redisClientStaysInRedis, "PlantedRedisClient");
    }

    @Test
    void onlyRuntimeMakesThreads() {
        holdsButCatches(Architecture::threadsAreMadeInRuntime, "PlantedThreads$1");
        assertThat(PLANTED.threadsAreMadeInRuntime(FAULTS))
                .anyMatch(v -> v.contains("PlantedThreads.pool"))
                .anyMatch(v -> v.contains("PlantedThreads.async"))
                .anyMatch(v -> v.contains("PlantedThreads.common"))
                .noneMatch(v -> v.contains("PlantedThreads.given"))
                .noneMatch(v -> v.contains("planted.runtime."));
    }

    @Test
    void onlyRuntimeReadsTheTime() {
        holdsButCatches(Architecture::timeIsReadInRuntime, "PlantedTime.nanos");
        assertThat(PLANTED.timeIsReadInRuntime(FAULTS))
                .anyMatch(v -> v.contains("PlantedTime.instant"))
                .anyMatch(v -> v.contains("PlantedTime.reference"))
                .anyMatch(v -> v.contains("PlantedTime.date"))
                .noneMatch(v -> v.contains("PlantedTime.given"));
    }

    @Test
    void onlyPayloadKnowsJackson() {
        holdsButCatches(Architecture::jacksonStaysInPayload, "PlantedJson");
    }

    @Test
    void onlyDatabaseSpeaksSql() {
        holdsButCatches(Architecture::sqlStaysInDatabase, "PlantedSql");
    }

    @Test
    void nothingUsesJavaSerialization() {
        holdsButCatches(Architecture::noJavaSerialization, "PlantedSerialization");
    }

    private static void holdsButCatches(BiFunction<Architecture, JavaClasses, List<String>> rule, String planted) {
        assertThat(rule.apply(HOUSE, MAIN)).isEmpty();
        assertThat(rule.apply(PLANTED, FAULTS)).anyMatch(violation -> violation.contains(planted));
    }
}
