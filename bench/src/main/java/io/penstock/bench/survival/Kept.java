package io.penstock.bench.survival;

import io.penstock.bench.survival.Trial.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The file of what was measured already, so that a long table can be measured in several short sittings. */
final class Kept {
    private final Path file;
    private final String suffix;
    private final Properties known = new Properties();

    /** @param suffix of every name: the JVM and what else a measurement holds for */
    Kept(Path file, String suffix) throws IOException {
        this.file = file;
        this.suffix = suffix;
        if (Files.exists(file)) {
            try (var in = Files.newInputStream(file)) {
                known.load(in);
            }
        }
    }

    @Nullable
    Result run(String name) {
        String found = known.getProperty(name + "|" + suffix);
        if (found == null) {
            return null;
        }
        String[] words = found.split(" ", -1);
        return new Result(
                Double.parseDouble(words[0]),
                Long.parseLong(words[1]),
                Boolean.parseBoolean(words[2]),
                Long.parseLong(words[3]),
                "");
    }

    void run(String name, Result result) throws IOException {
        known.setProperty(
                name + "|" + suffix,
                String.format(
                        Locale.ROOT,
                        "%.1f %d %b %d",
                        result.perSecond(),
                        result.outOfMemory(),
                        result.died(),
                        result.lost()));
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (var to = Files.newOutputStream(file)) {
            known.store(to, "jobs a second, out of memory, died, not done");
        }
    }
}
