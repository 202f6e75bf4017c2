package io.penstock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One job in the hands of a program: its payload is stdin, its exit code says how it went.
 *
 * <p>Bound: files of the system's temporary folder, readable by nobody else, gone when it is closed; of what the program
 * writes only the begin of stdout and the end of stderr are read.
 */
final class Errand implements AutoCloseable {
    /** What a job's result may have. */
    private static final int MOST_RESULT_BYTES = 64 << 10;

    private static final int MOST_ERROR_BYTES = 4_000;
    private static final int MOST_MESSAGE = 1_000;

    private final String token;
    private final JsonNode job;
    private final Path in;
    private final Path out;
    private final Path err;
    private final Process process;
    private @Nullable String outcome;

    /** Starts the program. */
    Errand(String token, JsonNode job, List<String> command) throws IOException {
        this.token = token;
        this.job = job;
        this.in = Files.createTempFile("penstock", ".in");
        this.out = Files.createTempFile("penstock", ".out");
        this.err = Files.createTempFile("penstock", ".err");
        Files.writeString(in, job.path("payload").toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        environment.remove("PENSTOCK_TOKEN"); // a program that runs jobs need not be able to do all that we may
        environment.put("PENSTOCK_JOB_ID", id());
        environment.put("PENSTOCK_JOB_TYPE", job.path("type").asText());
        environment.put("PENSTOCK_JOB_QUEUE", job.path("queue").asText());
        environment.put("PENSTOCK_JOB_ATTEMPT", job.path("attempt").asText());
        try {
            this.process = builder.start();
        } catch (IOException cannot) {
            remove();
            throw cannot;
        }
    }

    String token() {
        return token;
    }

    String id() {
        return job.path("id").asText();
    }

    boolean over() {
        return !process.isAlive();
    }

    /**
     * Asks the program to end; it may take its time.
     *
     * @param what to say of the job if it does not end well: cancel, or release
     */
    void ask(String what) {
        outcome = what;
        process.destroy();
    }

    boolean succeeded() {
        return process.exitValue() == 0;
    }

    /** Returns what to say of a program that has ended well: its stdout, as JSON if it is some. */
    ObjectNode result() throws IOException {
        ObjectNode said = Api.object();
        String text = begin();
        if (!text.isBlank()) {
            ObjectNode done = said.putArray("jobs").addObject().put("id", id());
            try {
                done.set("result", Api.mapper().readTree(text));
            } catch (JsonProcessingException words) {
                done.put("result", text.stripTrailing());
            }
        }
        return said;
    }

    private String begin() throws IOException {
        try (InputStream read = Files.newInputStream(out)) {
            // a quarter is left for what JSON makes of quotes and line breaks
            return new String(read.readNBytes(MOST_RESULT_BYTES * 3 / 4), StandardCharsets.UTF_8);
        }
    }

    /** Returns what to say of one that has not: its code and the end of its stderr, or what it was asked to end for. */
    ObjectNode error() throws IOException {
        if (outcome != null) {
            return Api.object().put("outcome", outcome);
        }
        String end;
        try (InputStream read = Files.newInputStream(err)) {
            read.skipNBytes(Math.max(0, Files.size(err) - MOST_ERROR_BYTES));
            end = new String(read.readNBytes(MOST_ERROR_BYTES), StandardCharsets.UTF_8).strip();
        }
        String last = end.substring(end.lastIndexOf('\n') + 1);
        ObjectNode said = Api.object();
        said.putObject("error")
                .put("type", "exit " + process.exitValue())
                .put(
                        "message",
                        last.isEmpty()
                                ? "the program said nothing"
                                : last.substring(0, Math.min(MOST_MESSAGE, last.length())))
                .put("stack", end);
        return said;
    }

    private void remove() throws IOException {
        for (Path file : List.of(in, out, err)) {
            Files.deleteIfExists(file);
        }
    }

    /** Ends the program if it still runs, and removes its files. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(1, TimeUnit.SECONDS);
        } catch (InterruptedException enough) {
            Thread.currentThread().interrupt();
        }
        remove();
    }
}
