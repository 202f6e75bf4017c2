package io.penstock.cli.manual;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** An example or two for each command, shown under its help: they stand in one file so that they can be read as a whole. */
public final class Examples {
    private static final String FILE = "examples.txt";

    private final Map<String, List<String>> examples;

    private Examples(Map<String, List<String>> examples) {
        this.examples = examples;
    }

    /** Reads them: a line with a command, and below it, indented, what one may type. */
    public static Examples read() {
        Map<String, List<String>> examples = new TreeMap<>();
        List<String> here = new ArrayList<>();
        for (String line : text().split("\n", -1)) {
            if (line.startsWith("  ")) {
                here.add(line.strip());
            } else if (!line.isBlank()) {
                here = examples.computeIfAbsent(line.strip(), command -> new ArrayList<>());
            }
        }
        return new Examples(examples);
    }

    private static String text() {
        try (InputStream in = Objects.requireNonNull(Examples.class.getResourceAsStream(FILE), FILE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException("the examples of the help cannot be read", broken);
        }
    }

    /** Puts each under the help of its command. */
    public void addTo(CommandLine root) {
        all(root).forEach((path, command) -> {
            List<String> lines = of(path);
            if (!lines.isEmpty()) {
                UsageMessageSpec usage = command.getCommandSpec().usageMessage();
                usage.footerHeading(lines.size() == 1 ? "%nExample:%n" : "%nExamples:%n");
                usage.footer(lines.stream()
                        .map(line -> "  " + line.replace("%", "%%").replace("@|", "@@|"))
                        .toArray(String[]::new));
            }
        });
    }

    /** Returns those of a command, without {@code penstock} in its name. */
    public List<String> of(String path) {
        return examples.getOrDefault(path, List.of());
    }

    /** Returns all commands by their path, {@code ""} being the root. */
    public static Map<String, CommandLine> all(CommandLine root) {
        Map<String, CommandLine> all = new LinkedHashMap<>();
        add(all, "", root);
        return all;
    }

    private static void add(Map<String, CommandLine> all, String path, CommandLine command) {
        all.put(path, command);
        new TreeMap<>(command.getSubcommands())
                .forEach((name, next) -> add(all, path.isEmpty() ? name : path + " " + name, next));
    }
}
