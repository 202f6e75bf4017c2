package io.penstock.cli.manual;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** All commands as Markdown, made of the commands themselves. */
public final class Reference {
    private final StringBuilder text = new StringBuilder();
    private final Examples examples;

    private Reference(Examples examples) {
        this.examples = examples;
    }

    /** Writes every command but the root, in order of their names. */
    public static String of(CommandLine root) {
        Reference reference = new Reference(Examples.read());
        Map<String, CommandLine> all = Examples.all(root);
        all.forEach((path, command) -> {
            if (!path.isEmpty()) {
                reference.command(path, command);
            }
        });
        return reference.text.toString();
    }

    private void command(String path, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        boolean noun = !path.contains(" ");
        text.append(noun ? "\n### " : "\n#### ").append(path).append("\n\n");
        text.append(plain(String.join(" ", spec.usageMessage().description()))).append('\n');
        if (!command.getSubcommands().isEmpty() && spec.usageMessage().footer().length == 0) {
            return;
        }
        text.append("\n```\n");
        text.append(synopsis(path, spec)).append('\n');
        examples.of(path).forEach(line -> text.append("$ ").append(line).append('\n'));
        text.append("```\n");
        rows(spec);
    }

    private static String synopsis(String path, CommandSpec spec) {
        StringBuilder line = new StringBuilder("penstock ").append(path);
        if (!spec.subcommands().isEmpty()) {
            line.append(" COMMAND");
        }
        for (PositionalParamSpec word : spec.positionalParameters()) {
            boolean optional = word.arity().min() == 0;
            String name = word.paramLabel() + (word.arity().max() > 1 ? "..." : "");
            line.append(optional ? " [" + name + "]" : " " + name);
        }
        if (spec.options().stream().anyMatch(Reference::own)) {
            line.append(" [OPTIONS]");
        }
        return line.toString();
    }

    private static boolean own(OptionSpec option) {
        return !option.inherited()
                && !option.hidden()
                && !List.of("--help", "--version").contains(option.longestName());
    }

    private void rows(CommandSpec spec) {
        StringBuilder rows = new StringBuilder();
        for (PositionalParamSpec word : spec.positionalParameters()) {
            if (word.description().length > 0) {
                row(rows, word.paramLabel(), word);
            }
        }
        for (OptionSpec option : spec.options()) {
            if (own(option)) {
                String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
                row(rows, String.join("`, `", option.names()) + value, option);
            }
        }
        if (!rows.isEmpty()) {
            text.append("\n| | |\n|---|---|\n").append(rows);
        }
    }

    private static void row(StringBuilder rows, String name, ArgSpec word) {
        rows.append("| `").append(name.replace("|", "\\|")).append("` | ");
        rows.append(plain(String.join(" ", word.description())).replace("|", "\\|"))
                .append(" |\n");
    }

    private static String plain(String text) {
        return text.replace("%n", " ").replace("<", "&lt;").strip();
    }
}
