package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Streams;
import io.penstock.server.settings.SettingsException;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Turns what a command throws into a line on stderr and a code. */
final class Failed implements CommandLine.IExecutionExceptionHandler {
    private final Streams streams;

    Failed(Streams streams) {
        this.streams = streams;
    }

    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
        if (thrown instanceof Failure failure) {
            say(String.valueOf(failure.getMessage()));
            return failure.code();
        }
        if (thrown instanceof SettingsException settings) {
            say(String.valueOf(settings.getMessage()));
            return Exit.USAGE;
        }
        if (thrown instanceof InterruptedException) {
            return Exit.INTERRUPTED;
        }
        say(thrown.toString());
        return Exit.FAILURE;
    }

    private void say(String message) {
        message.lines().forEach(line -> streams.err().println("penstock: " + line));
    }
}
