package io.penstock.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code penstock import}: brings in jobs from elsewhere. */
@Command(
        name = "import",
        description = "Bring in jobs from elsewhere.",
        subcommands = {
            ImportFileCommand.class,
            ImportJobsCommand.class,
            ImportRedisCommand.Bull.class,
            ImportRedisCommand.BullMq.class,
            ImportRedisCommand.Sidekiq.class,
            ImportRedisCommand.Asynq.class
        })
final class ImportCommand extends Noun {
    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }
}
