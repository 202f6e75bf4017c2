package io.penstock.cli.completion;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What may be typed after each command.
 *
 * @param path the command without {@code penstock}, empty for the first word
 * @param commands the next words and what they do
 * @param options long names and what they are
 * @param shorts letters of options by their long names
 * @param files options that take the name of a file
 * @param queues whether its own words are queues
 */
record Words(
        String path,
        Map<String, String> commands,
        Map<String, String> options,
        Map<String, String> shorts,
        List<String> files,
        boolean queues) {
    /** Values that an option may have, wherever it is. */
    static final Map<String, String> VALUES = new TreeMap<>(Map.of(
            "--output", "table wide json ndjson csv",
            "--state", "waiting delayed active blocked completed failed cancelled",
            "--priority", "low normal high critical",
            "--strategy", "standard aggressive preventive emergency",
            "--severity", "info warning critical"));

    static final String QUEUE = "--queue";

    static List<Words> of(CommandLine root) {
        List<Words> all = new ArrayList<>();
        add(all, "", root);
        return all;
    }

    private static void add(List<Words> all, String path, CommandLine command) {
        Map<String, String> commands = new LinkedHashMap<>();
        Map<String, String> options = new TreeMap<>();
        Map<String, String> shorts = new TreeMap<>();
        List<String> files = new ArrayList<>();
        new TreeMap<>(command.getSubcommands())
                .forEach((name, next) -> commands.put(
                        name, first(next.getCommandSpec().usageMessage().description())));
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.hidden() && option.longestName().startsWith("--")) {
                options.put(option.longestName(), first(option.description()));
                if (option.shortestName().length() == 2) {
                    shorts.put(option.longestName(), option.shortestName().substring(1));
                }
                if (option.paramLabel().matches("FILE|DIR|.*@FILE.*")) {
                    files.add(option.longestName());
                }
            }
        }
        boolean queues = command.getCommandSpec().positionalParameters().stream()
                .anyMatch(word -> word.paramLabel().equals("QUEUE"));
        all.add(new Words(path, commands, options, shorts, files, queues));
        new TreeMap<>(command.getSubcommands())
                .forEach((name, next) -> add(all, path.isEmpty() ? name : path + " " + name, next));
    }

    /** The first sentence, without what a shell would read as its own. */
    private static String first(String... description) {
        String whole = String.join(" ", description).replaceAll("[^\\p{Alnum} .,:;()<>=*|+-]", "");
        int end = whole.indexOf(". ");
        return end < 0 ? whole : whole.substring(0, end);
    }
}
