package io.penstock.cli;

import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.manual.Examples;
import io.penstock.cli.output.Format;
import io.penstock.cli.output.Output;
import io.penstock.cli.output.Streams;
import io.penstock.server.wire.Spans;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: {@code penstock NOUN VERB}, and the options that all of them know. */
@Command(
        name = "penstock",
        description = "A job queue for the JVM on Redis.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = VersionCommand.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ok",
            "1:failure",
            "2:wrong usage or value",
            "3:not found",
            "4:conflict",
            "5:not allowed",
            "6:server or Redis unreachable",
            "7:refused by memory or rate",
            "8:partly failed",
            "10:unhealthy",
            "124:wait timed out",
            "130:interrupted"
        },
        subcommands = {
            UpCommand.class,
            StatusCommand.class,
            TopCommand.class,
            DoctorCommand.class,
            BenchCommand.class,
            JobCommand.class,
            QueueCommand.class,
            DeadCommand.class,
            OpCommand.class,
            ScheduleCommand.class,
            FlowCommand.class,
            BatchCommand.class,
            WorkerCommand.class,
            MemoryCommand.class,
            CleanupCommand.class,
            AlertCommand.class,
            AuditCommand.class,
            RedisCommand.class,
            LimitCommand.class,
            CacheCommand.class,
            TokenCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            ConfigCommand.class,
            CompletionCommand.class,
            VersionCommand.class
        })
public final class Main implements Callable<Integer> {
    private static final String DEFAULT_URL = "http://127.0.0.1:3001";

    private final Streams streams;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-u", "--url"},
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "Server to talk to (PENSTOCK_URL, else http://127.0.0.1:3001).")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "File with the token (else PENSTOCK_TOKEN, else the local server's).")
    private @Nullable String tokenFile;

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            description = "table, wide, json, ndjson or csv.")
    private Format format = Format.TABLE;

    @Option(names = "--limit", scope = ScopeType.INHERIT, paramLabel = "N", description = "Most items of a list (50).")
    private @Nullable Integer limit;

    @Option(
            names = "--watch",
            scope = ScopeType.INHERIT,
            arity = "0..1",
            fallbackValue = "2s",
            paramLabel = "PERIOD",
            description = "Show it again and again (2s).")
    private @Nullable Duration watch;

    @Option(
            names = "--timeout",
            scope = ScopeType.INHERIT,
            paramLabel = "TIME",
            description = "How long to wait at most.")
    private @Nullable Duration timeout;

    @Option(names = "--dry-run", scope = ScopeType.INHERIT, description = "Say what would be done, and do nothing.")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            scope = ScopeType.INHERIT,
            description = "Do not ask before destroying.")
    private boolean yes;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "No notes on stderr.")
    private boolean quiet;

    @Option(names = "--no-color", scope = ScopeType.INHERIT, description = "No colours (also NO_COLOR).")
    private boolean noColor;

    Main(Streams streams) {
        this.streams = streams;
    }

    /** Runs one command and ends the process with its code. */
    public static void main(String[] arguments) {
        if (arguments.length == 0 || !arguments[0].equals("up")) {
            // a client's own libraries have nothing to say to a script; a server's log is what it is run for
            System.setProperty("penstock.log.level", System.getProperty("penstock.log.level", "WARN"));
        }
        int code = run(Streams.ofProcess(), arguments);
        System.out.flush();
        System.exit(code);
    }

    /** Runs one command. */
    static int run(Streams streams, String... arguments) {
        Main main = new Main(streams);
        CommandLine line = commandLine(main);
        int code = line.execute(arguments);
        return streams.out().checkError() && code == Exit.OK ? Exit.FAILURE : code;
    }

    static CommandLine commandLine(Main main) {
        Streams streams = main.streams;
        CommandLine line = new CommandLine(main);
        Examples.read().addTo(line);
        line.registerConverter(Duration.class, Main::duration);
        line.registerConverter(Format.class, Format::of);
        line.setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8));
        boolean plain =
                !streams.terminalOut() || !streams.variable("NO_COLOR", "").isEmpty();
        line.setColorScheme(CommandLine.Help.defaultColorScheme(plain ? Ansi.OFF : Ansi.ON));
        line.setUsageHelpWidth(80);
        line.setExpandAtFiles(false); // @FILE is a payload here, not a file of arguments
        line.setExecutionStrategy(new Watching(main));
        line.setParameterExceptionHandler(new WrongUsage(streams));
        line.setExecutionExceptionHandler(new Failed(streams));
        return line;
    }

    private static Duration duration(String text) {
        try {
            return Spans.parse(text);
        } catch (IllegalArgumentException illegal) {
            throw new CommandLine.TypeConversionException(String.valueOf(illegal.getMessage()));
        }
    }

    /** Without a command: the help, as an error, because nothing was done. */
    @Override
    public Integer call() {
        if (spec != null) {
            spec.commandLine().usage(spec.commandLine().getErr());
        }
        return Exit.USAGE;
    }

    Streams streams() {
        return streams;
    }

    Api api() {
        return new Api(streams, url == null ? streams.variable("PENSTOCK_URL", DEFAULT_URL) : url, tokenFile, timeout);
    }

    Output output() {
        return new Output(
                streams, format, noColor || !streams.variable("NO_COLOR", "").isEmpty());
    }

    /** Returns how many items were asked for, or the fallback when nothing was said. */
    int limit(int fallback) {
        return limit == null ? fallback : Math.max(1, Math.min(1_000_000, limit));
    }

    @Nullable
    Duration watch() {
        return watch;
    }

    @Nullable
    Duration timeout() {
        return timeout;
    }

    Format format() {
        return format;
    }

    boolean dryRun() {
        return dryRun;
    }

    boolean quiet() {
        return quiet;
    }

    /** Says something that is not data. */
    void note(String line) {
        if (!quiet) {
            streams.err().println(line);
        }
    }

    /**
     * Asks before something is destroyed.
     *
     * @throws Failure USAGE when nobody is there to answer, FAILURE when the answer is no
     */
    void confirm(String what) {
        if (yes || dryRun) {
            return;
        }
        if (!streams.terminalIn()) {
            throw new Failure(Exit.USAGE, what + " is not done without a person to confirm it; add --yes");
        }
        streams.err().print(what + "? [y/N] ");
        streams.err().flush();
        String answer = streams.line().strip();
        if (!answer.equalsIgnoreCase("y") && !answer.equalsIgnoreCase("yes")) {
            throw new Failure(Exit.FAILURE, "not confirmed; nothing was done");
        }
    }
}
