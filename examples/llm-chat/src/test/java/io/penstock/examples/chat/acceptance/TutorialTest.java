package io.penstock.examples.chat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The tutorial shows code of the example and nothing else: every block of Java must stand, line for line, in one file of its
 * sources. Indentation does not count; a line {@code // ...} stands for lines that were left out.
 */
class TutorialTest {
    private static final Path MODULE =
            Path.of(System.getProperty("basedir", ".")).toAbsolutePath().normalize();
    private static final Path DOCS = MODULE.getParent().getParent().resolve("docs");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
    private static final Pattern STEP = Pattern.compile("(?m)^## (\\d+)\\. ");
    private static final String LEFT_OUT = "// ...";
    private static final int STEPS = 10;

    private static List<List<String>> sources;

    @BeforeAll
    static void readTheExample() throws IOException {
        try (Stream<Path> files = Files.walk(MODULE.resolve("src/main/java"))) {
            List<List<String>> all = new ArrayList<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                all.add(lines(Files.readString(file)));
            }
            sources = all;
        }
    }

    @Test
    void everyBlockStandsInTheSources() throws IOException {
        for (String page : List.of("tutorial.md", "tutorial.zh-CN.md")) {
            List<String> blocks = blocks(page);
            assertThat(blocks).as(page).hasSizeGreaterThanOrEqualTo(STEPS);
            assertThat(blocks)
                    .as(page)
                    .allSatisfy(block -> assertThat(stands(block)).as(block).isTrue());
        }
    }

    @Test
    void bothLanguagesShowTheSameCodeInTenSteps() throws IOException {
        assertThat(blocks("tutorial.zh-CN.md")).isEqualTo(blocks("tutorial.md"));
        for (String page : List.of("tutorial.md", "tutorial.zh-CN.md")) {
            assertThat(STEP.matcher(Files.readString(DOCS.resolve(page)))
                            .results()
                            .map(found -> found.group(1)))
                    .as(page)
                    .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
        }
    }

    @Test
    void seesThatABlockIsNotOurs() {
        assertThat(stands("int nobodyWroteThis = 42;\n")).isFalse();
        assertThat(stands("package io.penstock.examples.chat;\n// ...\nint nobodyWroteThis = 42;\n"))
                .isFalse();
        assertThat(stands("package io.penstock.examples.chat;\n")).isTrue();
    }

    private static List<String> blocks(String page) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(DOCS.resolve(page)));
        while (block.find()) {
            blocks.add(block.group(1));
        }
        return blocks;
    }

    private static boolean stands(String block) {
        return sources.stream().anyMatch(source -> stands(block, source));
    }

    /** Whether the parts of a block follow one another in a source. */
    private static boolean stands(String block, List<String> source) {
        int from = 0;
        for (List<String> part : parts(block)) {
            int found = find(part, source, from);
            if (found < 0) {
                return false;
            }
            from = found + part.size();
        }
        return true;
    }

    private static int find(List<String> part, List<String> source, int from) {
        for (int i = from; i + part.size() <= source.size(); i++) {
            if (source.subList(i, i + part.size()).equals(part)) {
                return i;
            }
        }
        return -1;
    }

    private static List<List<String>> parts(String block) {
        List<List<String>> parts = new ArrayList<>();
        List<String> part = new ArrayList<>();
        for (String line : lines(block)) {
            if (line.equals(LEFT_OUT)) {
                parts.add(part);
                part = new ArrayList<>();
            } else {
                part.add(line);
            }
        }
        parts.add(part);
        return parts.stream().filter(lines -> !lines.isEmpty()).toList();
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
