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
 * The tutorial shows code of the example and nothing else: every block of Java must stand in one file of its sources.
 * Space and line breaks do not count; a line {@code // ...} stands for what was left out.
 */
class TutorialTest {
    private static final Path MODULE =
            Path.of(System.getProperty("basedir", ".")).toAbsolutePath().normalize();
    private static final Path DOCS = MODULE.getParent().getParent().resolve("docs");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
    private static final Pattern STEP = Pattern.compile("(?m)^## (\\d+)\\. ");
    private static final Pattern LEFT_OUT = Pattern.compile("(?m)^\\s*// \\.\\.\\.$");
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final String CUT = "\u0001";
    private static final int STEPS = 10;

    private static List<String> sources;

    @BeforeAll
    static void readTheExample() throws IOException {
        try (Stream<Path> files = Files.walk(MODULE.resolve("src/main/java"))) {
            List<String> all = new ArrayList<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                all.add(bare(Files.readString(file)));
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
    private static boolean stands(String block, String source) {
        int from = 0;
        for (String part : bare(LEFT_OUT.matcher(block).replaceAll(CUT)).split(CUT, -1)) {
            int found = source.indexOf(part, from);
            if (found < 0) {
                return false;
            }
            from = found + part.length();
        }
        return true;
    }

    private static String bare(String text) {
        return SPACE.matcher(text).replaceAll("");
    }
}
