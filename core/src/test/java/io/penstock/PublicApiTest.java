package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** No public name comes, goes or changes unseen: the diff of api.txt is part of the review. */
final class PublicApiTest {
    private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    private static final Path GOLDEN = MODULE.resolve("src/test/resources/api.txt");
    private static final int SHOWN = 50; // lines: a screen
    private static final String REFRESH = "./mvnw -q -pl core -am test -Dtest=PublicApiTest -Dapi.write=true";

    @Test
    void publicNamesAreThoseWrittenDown() throws IOException {
        List<String> now = PublicApi.of(MODULE.resolve("target/classes"));
        if (Boolean.getBoolean("api.write")) {
            Files.write(GOLDEN, now);
        }
        List<String> difference = difference(Files.readAllLines(GOLDEN), now);
        if (!difference.isEmpty()) {
            fail("the public API changed:%n%s%nIf that is meant, refresh %s and commit it:%n%s"
                    .formatted(shortened(difference), GOLDEN.getFileName(), REFRESH));
        }
    }

    @Test
    void aChangeIsShownWithItsType() {
        List<String> before = List.of("class io.penstock.A", "    int old()", "    int same()");
        List<String> now = List.of("class io.penstock.A", "    int born()", "    int same()");
        assertThat(difference(before, now))
                .containsExactly("- io.penstock.A: int old()", "+ io.penstock.A: int born()");
        assertThat(difference(now, now)).isEmpty();
    }

    @Test
    void whatUsersSeeIsListed() {
        assertThat(PublicApi.describe(Sample.class))
                .containsExactly(
                        "public abstract class io.penstock.PublicApiTest$Sample<T extends Comparable<T>> implements Runnable",
                        "    protected abstract List<T> items(int) throws java.io.IOException",
                        "    protected new(String?)",
                        "    public static <X> List<X>? find(Class<X>)");
    }

    /** A bit of everything. */
    public abstract static class Sample<T extends Comparable<T>> implements Runnable {
        final @Nullable String hidden;

        protected Sample(@Nullable String hidden) {
            this.hidden = hidden;
        }

        public static <X> @Nullable List<X> find(Class<X> type) {
            return type.isInterface() ? List.of() : null;
        }

        protected abstract List<T> items(int count) throws IOException;

        @Override
        public String toString() {
            return "sample";
        }

        void unseen() {}
    }

    /** Members that are in one list only, each with its type. */
    private static List<String> difference(List<String> before, List<String> now) {
        List<String> old = flat(before);
        List<String> fresh = flat(now);
        return Stream.concat(
                        old.stream().filter(line -> !fresh.contains(line)).map(line -> "- " + line),
                        fresh.stream().filter(line -> !old.contains(line)).map(line -> "+ " + line))
                .toList();
    }

    private static String shortened(List<String> difference) {
        String shown = String.join("\n", difference.subList(0, Math.min(SHOWN, difference.size())));
        return difference.size() <= SHOWN ? shown : shown + "\n... and %d more".formatted(difference.size() - SHOWN);
    }

    private static List<String> flat(List<String> lines) {
        List<String> flat = new ArrayList<>();
        String type = "";
        for (String line : lines) {
            if (line.startsWith(" ")) {
                flat.add(type + ": " + line.strip());
            } else {
                type = line.replaceAll(".*? (io\\.penstock[\\w.$]*).*", "$1");
                flat.add(line);
            }
        }
        return flat;
    }
}
