package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The lowest rooms of the server know nothing of those above them. */
final class RoomsTest {
    /** What each may import of {@code io.penstock.server}. */
    private static final Map<String, List<String>> MAY = Map.of(
            "wire", List.of(),
            "caller", List.of("wire"),
            "http", List.of("wire", "caller", "redact"));

    @Test
    void importOnlyWhatLiesBelowThem() throws IOException {
        Path root = Path.of(System.getProperty("basedir", ".")).resolve("src/main/java/io/penstock/server");
        for (Map.Entry<String, List<String>> room : MAY.entrySet()) {
            try (Stream<Path> files = Files.list(root.resolve(room.getKey()))) {
                for (Path file : files.toList()) {
                    assertThat(Files.readAllLines(file).stream()
                                    .filter(line -> line.startsWith("import io.penstock.server."))
                                    .map(line ->
                                            line.replaceFirst("import io\\.penstock\\.server\\.([a-z]+)\\..*", "$1")))
                            .as(file.toString())
                            .isSubsetOf(room.getValue());
                }
            }
        }
    }
}
