package io.penstock.cli;

import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Streams;
import io.penstock.cli.top.Top;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock top}: the whole terminal shows what goes on, and a key pauses a queue. */
@Command(name = "top", description = "Watch memory, Redis, queues and workers on the whole terminal; h shows the keys.")
final class TopCommand implements Callable<Integer> {
    private static final Duration PERIOD = Duration.ofSeconds(2);

    /** The server looks no more often itself. */
    private static final Duration SHORTEST = Duration.ofMillis(500);

    /** What a shell says of a process that a signal ended: so that the terminal is given back first, they are caught. */
    private static final Map<String, Integer> ENDS = Map.of("TERM", 143, "INT", Exit.INTERRUPTED, "HUP", 129);

    @ParentCommand
    private @Nullable Main main;

    @Option(names = "--period", paramLabel = "TIME", description = "Between two looks (2s, at least 500ms).")
    private Duration period = PERIOD;

    @Option(names = "--once", description = "Print one frame of 24 lines, for a pipe or a file.")
    private boolean once;

    @Override
    public Integer call() throws IOException {
        Main parent = Parent.of(main);
        Streams streams = parent.streams();
        Api api = parent.api();
        if (!parent.output().human()) {
            throw new Failure(
                    Exit.USAGE, "top is for people; programs read: penstock status -o json, or GET /api/v1/overview");
        }
        if (once) {
            Top.once(api, streams.width(), 24).forEach(parent.output()::text);
            return Exit.OK;
        }
        if (!streams.terminalIn() || !streams.terminalOut()) {
            throw new Failure(
                    Exit.USAGE, "top needs a terminal and here is none; print one frame with: penstock top --once");
        }
        try (Terminal terminal = TerminalBuilder.builder()
                .system(true)
                .dumb(false)
                .nativeSignals(true)
                .signalHandler(Terminal.SignalHandler.SIG_DFL)
                .graphemeCluster(false) // it would ask the terminal, and wait for an answer that may not come
                .build()) {
            Duration pause = period.compareTo(SHORTEST) < 0 ? SHORTEST : period;
            Top top = new Top(terminal, api, pause, parent.dryRun());
            ENDS.forEach((signal, code) -> Signals.register(signal, () -> top.stop(code)));
            return top.run();
        } catch (IllegalStateException none) {
            throw new Failure(
                    Exit.USAGE,
                    "this terminal cannot be drawn on (" + none.getMessage()
                            + "); use: penstock top --once, or status");
        }
    }
}
