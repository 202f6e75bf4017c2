package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.completion.Completion;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
            case "bash" -> parent.output().text(Completion.bash(root));
            case "zsh" -> parent.output().text(Completion.zsh(root));
            case "fish" -> parent.output().text(Completion.fish(root));
            default -> throw new Failure(Exit.USAGE, "shell \"" + shell + "\" is none of bash, zsh, fish");
        }
        return Exit.OK;
    }
}
