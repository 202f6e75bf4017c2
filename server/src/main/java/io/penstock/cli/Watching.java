package io.penstock.cli;

import io.penstock.cli.client.Exit;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Runs a command once, or again and again with {@code --watch}. */
final class Watching implements CommandLine.IExecutionStrategy {
    private static final Set<String> READING = Set.of(
            "list",
            "get",
            "stats",
            "status",
            "logs",
            "show",
            "trend",
            "history",
            "info",
            "pool",
            "latency",
            "deliveries");
    private static final Duration SHORTEST = Duration.ofMillis(100);
    static final String CLEAR = "\u001b[H\u001b[2J";

    private final Main main;

    Watching(Main main) {
        this.main = main;
    }

    @Override
    public int execute(ParseResult parsed) {
        Duration period = main.watch();
        if (period == null) {
            return once(parsed);
        }
        ParseResult leaf = parsed;
        while (leaf.hasSubcommand()) {
            leaf = leaf.subcommand();
        }
        if (!READING.contains(leaf.commandSpec().name())) {
            throw new CommandLine.ParameterException(
                    leaf.commandSpec().commandLine(),
                    "--watch is for commands that only read: " + String.join(", ", new TreeSet<>(READING)));
        }
        return again(parsed, period.compareTo(SHORTEST) < 0 ? SHORTEST : period);
    }

    private static int once(ParseResult parsed) {
        return new CommandLine.RunLast().execute(parsed);
    }

    private int again(ParseResult parsed, Duration period) {
        @Nullable Integer code = null;
        while (code == null || code == Exit.OK || code == Exit.UNHEALTHY) {
            if (main.streams().terminalOut()) {
                main.streams().out().print(CLEAR);
            }
            code = once(parsed);
            main.streams().out().flush();
            try {
                TimeUnit.MILLISECONDS.sleep(period.toMillis());
            } catch (InterruptedException enough) {
                return Exit.INTERRUPTED;
            }
        }
        return code;
    }
}
