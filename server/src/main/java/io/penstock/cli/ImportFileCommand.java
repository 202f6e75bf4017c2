package io.penstock.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Rows;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Spans;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code penstock import file}: each line of a file becomes a job, once, however often it is run.
 *
 * <p>Each job carries a unique key of the file's digest and its line, held for the window; so a run after a crash adds what
 * is missing and finds the rest to be there. Memory: one batch, whatever the size of the file.
 */
@Command(
        name = "file",
        description = {
            "Enqueue each line of a file as a job, exactly once: run it again after a crash and it adds what is missing.",
            "lines: payload {\"line\": ...}. csv: an object by the names of the first row. ndjson: the line itself."
        })
final class ImportFileCommand implements Callable<Integer> {
    private static final int MOST_BATCH = 1_000;

    @ParentCommand
    private @Nullable ImportCommand noun;

    @Parameters(paramLabel = "FILE")
    private Path file = Path.of("");

    @Option(names = "--queue", required = true, paramLabel = "Q", description = "Queue.")
    private String queue = "";

    @Option(names = "--type", required = true, paramLabel = "TYPE", description = "Type of the jobs.")
    private String type = "";

    @Option(names = "--format", paramLabel = "FORMAT", description = "lines, csv or ndjson (by the name, else lines).")
    private @Nullable String format;

    @Option(names = "--unique-lines", description = "A line that is there twice is one job.")
    private boolean uniqueLines;

    @Option(names = "--batch", paramLabel = "N", description = "Jobs of one request (500).")
    private int batch = 500;

    @Option(
            names = "--window",
            paramLabel = "TIME",
            description = "How long a line is known to have been imported (24h).")
    private Duration window = Duration.ofHours(24);

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            description = "How long nothing may get in before it gives up (10m).")
    private Duration patience = Duration.ofMinutes(10);

    @Override
    public Integer call() throws InterruptedException, IOException {
        Main main = Parent.of(noun).main();
        if (batch < 1 || batch > MOST_BATCH) {
            throw new Failure(Exit.USAGE, "--batch " + batch + " is outside 1 to " + MOST_BATCH);
        }
        if (!Files.isRegularFile(file)) {
            throw new Failure(Exit.NOT_FOUND, file + " is no file");
        }
        String digest = digest();
        Sending sending = new Sending(main, main.api(), patience);
        long lines;
        try (InputStream in = Files.newInputStream(file);
                Rows rows = Rows.of(format(), in);
                Progress progress = new Progress(main, Files.size(file))) {
            lines = send(main, sending, rows, digest, progress);
        }
        return sending.done(lines);
    }

    private long send(Main main, Sending sending, Rows rows, String digest, Progress progress)
            throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        int pending = 0;
        try {
            for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
                lines.append(job(row, digest)).append('\n');
                pending++;
                if (pending == batch || lines.length() > Sending.BATCH_BYTES) {
                    flush(main, sending, lines);
                    pending = 0;
                    progress.to(rows.bytes());
                }
            }
        } finally {
            flush(main, sending, lines); // also what was read before a line that is broken
        }
        progress.to(rows.bytes());
        return rows.count();
    }

    private static void flush(Main main, Sending sending, StringBuilder lines) throws InterruptedException {
        if (!main.dryRun() && !lines.isEmpty()) {
            sending.batch(lines.toString());
        }
        lines.setLength(0);
    }

    private ObjectNode job(Rows.Row row, String digest) {
        ObjectNode job = Api.object().put("queue", queue).put("type", type);
        job.set("payload", row.payload());
        String line = uniqueLines ? Digest.hex(row.payload().toString(), 16) : Long.toString(row.number());
        job.putObject("unique")
                .put("key", "import:" + (uniqueLines ? "line" : digest) + ":" + line)
                .put("mode", "throttle")
                .put("ttl", Spans.format(window));
        return job;
    }

    private String format() {
        if (format != null) {
            return format;
        }
        String name = file.toString();
        if (name.endsWith(".csv")) {
            return "csv";
        }
        return name.endsWith(".ndjson") || name.endsWith(".jsonl") ? "ndjson" : "lines";
    }

    private String digest() throws IOException {
        MessageDigest sha256 = Digest.fresh();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha256.digest(), 0, 16);
    }

    /** A bar on stderr, where a person sees it. */
    private static final class Progress implements AutoCloseable {
        private final @Nullable ProgressBar bar;

        Progress(Main main, long bytes) {
            this.bar = main.quiet() || !main.streams().terminalErr()
                    ? null
                    : new ProgressBarBuilder()
                            .setTaskName("import")
                            .setInitialMax(bytes)
                            .setUnit(" KiB", 1_024)
                            .setStyle(ProgressBarStyle.ASCII)
                            .setUpdateIntervalMillis(200)
                            .setConsumer(new ConsoleProgressBarConsumer(
                                    main.streams().err(), main.streams().width() - 1))
                            .build();
        }

        void to(long bytes) {
            if (bar != null) {
                bar.stepTo(bytes);
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
