package io.penstock.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code penstock alert}: what goes wrong, and who is told. */
@Command(
        name = "alert",
        description = "Say who is told when something goes wrong.",
        subcommands = {AlertChannelCommand.class})
final class AlertCommand extends Noun {
    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }
}
