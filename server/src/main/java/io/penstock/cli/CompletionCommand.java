package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock completion}: a script that completes commands in a shell. */
@Command(name = "completion", description = "Print a completion script: source <(penstock completion bash).")
final class CompletionCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private String shell = "";

    @Override
    public Integer call() {
        Main parent = Parent.of(main);
        CommandLine root = Main.commandLine(new Main(parent.streams()));
        switch (shell) {
            case "bash", "zsh" -> parent.output().text(AutoComplete.bash("penstock", root));
            case "fish" -> parent.output().text(fish(root));
            default -> throw new Failure(Exit.USAGE, "shell \"" + shell + "\" is none of bash, zsh, fish");
        }
        return Exit.OK;
    }

    private static String fish(CommandLine root) {
        StringBuilder script = new StringBuilder("complete -c penstock -f\n");
        add(script, root, "__fish_use_subcommand");
        for (Map.Entry<String, CommandLine> noun : root.getSubcommands().entrySet()) {
            add(script, noun.getValue(), "__fish_seen_subcommand_from " + noun.getKey());
        }
        return script.toString();
    }

    private static void add(StringBuilder script, CommandLine command, String when) {
        command.getSubcommands()
                .forEach((name, verb) -> script.append("complete -c penstock -n '" + when + "' -a " + name + " -d '"
                        + String.join(" ", verb.getCommandSpec().usageMessage().description())
                                .replace("'", "") + "'\n"));
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.inherited()) {
                script.append("complete -c penstock -n '" + when + "' -l "
                        + option.longestName().replace("--", "") + "\n");
            }
        }
    }
}
