package io.penstock.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.server.wire.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the dashboard's files promise without a browser. */
final class UiFilesTest {
    private static final Path UI = Path.of("src/main/resources/io/penstock/server/web/ui");
    private static final int MOST_LINES = 400;

    /** Ways from text to code or HTML, and styles that the CSP would refuse. */
    private static final Pattern FORBIDDEN = Pattern.compile(
            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\(|new Function|style=\"|javascript:");

    private static List<Path> own(String end) throws IOException {
        try (Stream<Path> files = Files.walk(UI)) {
            return files.filter(path ->
                            path.toString().endsWith(end) && !path.toString().contains("vendor"))
                    .toList();
        }
    }

    private static JsonNode json(String name) throws IOException {
        return new JsonMapper().readTree(UI.resolve(name).toFile());
    }

    private static Set<String> keys(JsonNode words) {
        Set<String> keys = new TreeSet<>();
        words.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    @Test
    void saysEverythingInBothLanguages() throws IOException {
        JsonNode english = json("words/en.json");
        JsonNode chinese = json("words/zh-CN.json");
        assertThat(keys(chinese)).isEqualTo(keys(english));
        for (String key : keys(english)) {
            assertThat(chinese.path(key).asText()).as(key).isNotBlank();
            assertThat(values(chinese.path(key).asText()))
                    .as(key)
                    .isEqualTo(values(english.path(key).asText()));
        }
    }

    private static Set<String> values(String text) {
        Set<String> values = new TreeSet<>();
        Pattern.compile("\\{\\w+}").matcher(text).results().forEach(value -> values.add(value.group()));
        return values;
    }

    @Test
    void hasAWordForWhateverThePagesSay() throws IOException {
        Set<String> known = keys(json("words/en.json"));
        for (Path file : own(".js")) {
            Pattern.compile("\\bt\\('([^']+)'(?! *\\+)")
                    .matcher(Files.readString(file))
                    .results()
                    .forEach(use -> assertThat(known).as(file.toString()).contains(use.group(1)));
            Pattern.compile("\\bt\\('([^']+\\.)' *\\+")
                    .matcher(Files.readString(file))
                    .results()
                    .forEach(
                            use -> assertThat(known).as(file.toString()).anyMatch(key -> key.startsWith(use.group(1))));
        }
    }

    @Test
    void makesNoHtmlOfText() throws IOException {
        for (Path file : own(".js")) {
            assertThat(FORBIDDEN.matcher(Files.readString(file)).find())
                    .as(file.toString())
                    .isFalse();
        }
    }

    @Test
    void staysReadable() throws IOException {
        for (Path file : own(".js")) {
            assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(MOST_LINES);
        }
    }

    @Test
    void isWhatTheManifestSays() throws IOException {
        for (JsonNode line : json("vendor/manifest.json")) {
            byte[] file = Files.readAllBytes(
                    UI.resolve("vendor").resolve(line.path("file").asText()));
            assertThat(HexFormat.of().formatHex(Digest.sha256(file)))
                    .as(line.path("file").asText())
                    .isEqualTo(line.path("sha256").asText());
            assertThat(line.path("license").asText()).isIn("MIT", "Apache-2.0");
        }
    }

    @Test
    void canBeReadFromWhereItIs() {
        Assets assets = Assets.read();
        assertThat(assets.names()).contains("index.html", "main.js", "vendor/preact.js", "words/zh-CN.json");
        long bytes = 0;
        for (String name : assets.names()) {
            bytes += java.util.Objects.requireNonNull(assets.find(name)).gzip().length;
        }
        assertThat(bytes).as("compressed").isLessThan(180_000);
    }
}
