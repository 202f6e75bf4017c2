package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Streams;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Answers a command that cannot be understood: what is wrong, what was likely meant, where the help is. */
final class WrongUsage implements CommandLine.IParameterExceptionHandler {
    private final Streams streams;

    WrongUsage(Streams streams) {
        this.streams = streams;
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        streams.err().println("penstock: " + wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.flush();
        streams.err().println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        return Exit.USAGE;
    }
}
