package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.output.Streams;
import io.penstock.server.wire.Text;
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
        if (!(wrong instanceof UnmatchedArgumentException unmatched && suggested(unmatched))) {
            UnmatchedArgumentException.printSuggestions(wrong, err);
            err.flush();
        }
        streams.err().println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        return Exit.USAGE;
    }

    /** Says which option was likely meant; the library does that for commands only. */
    private boolean suggested(UnmatchedArgumentException unmatched) {
        for (String word : unmatched.getUnmatched()) {
            String near = word.startsWith("-")
                    ? Text.nearest(
                            word,
                            unmatched
                                    .getCommandLine()
                                    .getCommandSpec()
                                    .optionsMap()
                                    .keySet())
                    : null;
            if (near != null) {
                streams.err().println("Did you mean: " + near + "?");
                return true;
            }
        }
        return false;
    }
}
