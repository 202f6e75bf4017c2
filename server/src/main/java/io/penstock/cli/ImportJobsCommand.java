package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock import jobs}: takes in what {@code export jobs} wrote, each job once. */
@Command(name = "jobs", description = "Take in what export jobs wrote; a job that is there already stays one job.")
final class ImportJobsCommand implements Callable<Integer> {
    private static final int BATCH = 500;

    @ParentCommand
    private @Nullable ImportCommand noun;

    @Parameters(paramLabel = "FILE|-", description = "Lines of JSON; - reads them from stdin.")
    private String file = "";

    @Option(names = "--queue", paramLabel = "Q", description = "Into this queue (the one each job was in).")
    private @Nullable String queue;

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            description = "How long nothing may get in before it gives up (10m).")
    private Duration patience = Duration.ofMinutes(10);

    @Override
    public Integer call() throws InterruptedException, IOException {
        Main main = Parent.of(noun).main();
        Sending sending = new Sending(main, main.api(), patience, "/api/v1/jobs:import");
        long lines;
        try (InputStream in = open(main);
                Rows rows = Rows.of("ndjson", in)) {
            lines = send(main, sending, rows);
        }
        return sending.done(lines);
    }

    private InputStream open(Main main) throws IOException {
        if (file.equals("-")) {
            return main.streams().in();
        }
        Path path = Path.of(file);
        if (!Files.isRegularFile(path)) {
            throw new Failure(Exit.NOT_FOUND, file + " is no file");
        }
        return Files.newInputStream(path);
    }

    private long send(Main main, Sending sending, Rows rows) throws IOException, InterruptedException {
        StringBuilder lines = new StringBuilder();
        int pending = 0;
        for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
            if (!(row.payload() instanceof com.fasterxml.jackson.databind.node.ObjectNode job)) {
                throw new Failure(Exit.FAILURE, "line " + row.number() + " is no job; the lines before it may be in");
            }
            if (queue != null) {
                job.put("queue", queue);
            }
            lines.append(job).append('\n');
            if (++pending == BATCH || lines.length() > Sending.BATCH_BYTES) {
                flush(main, sending, lines);
                pending = 0;
            }
        }
        flush(main, sending, lines);
        return rows.count();
    }

    private static void flush(Main main, Sending sending, StringBuilder lines) throws InterruptedException {
        if (!main.dryRun() && !lines.isEmpty()) {
            JsonNode answer = sending.batch(lines.toString());
            answer.path("errors")
                    .properties()
                    .forEach(error -> main.note("penstock: " + error.getValue().asText()));
        }
        lines.setLength(0);
    }
}
