package io.penstock.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds docs/settings.md to the settings there are. */
final class SettingsDocTest {
    @Test
    void tellsEachSettingItsDefaultItsOtherNameAndWhetherItIsLive() throws IOException {
        Path doc = Path.of(System.getProperty("basedir", ".")).resolve("../docs/settings.md");
        List<String> rows = Files.readAllLines(doc).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows).hasSameSizeAs(Setting.values());
        for (Setting setting : Setting.values()) {
            String row = rows.stream()
                    .filter(line -> line.startsWith("| `" + setting.key() + "` |"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("docs/settings.md does not tell of " + setting.key()));
            if (setting != Setting.DATA_DIR) {
                String fallback = setting.fallback(Map.of());
                assertThat(row.split("\\|", -1)[2].strip()).as(row).isEqualTo(fallback);
            }
            assertThat(row.contains("**live**")).as(row).isEqualTo(setting.live());
            setting.variables().stream()
                    .filter(variable -> !variable.startsWith("PENSTOCK_"))
                    .forEach(variable -> assertThat(row).contains("`" + variable + "`"));
        }
    }
}
