package io.penstock.examples.chat.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A system under test: a process of its own, started by its command, watched from outside, stopped at close. */
final class Subject implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern READY = Pattern.compile(".*\\bready on (http://\\S+).*");
    private static final Duration START = Duration.ofMinutes(5); // a first build is part of it
    private static final Duration STOP = Duration.ofSeconds(40);
    private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();
    private static final int TAIL = 30;

    final String name;
    final URI url;
    private final Process process;
    private final Path log;
    private final Path gcLog;
    private final long startedNanos;
    private final HttpClient client = HttpClient.newHttpClient();

    private Subject(String name, Process process, URI url, Path folder, long startedNanos) {
        this.name = name;
        this.process = process;
        this.url = url;
        this.log = folder.resolve(name + ".log");
        this.gcLog = gcLog(folder, name);
        this.startedNanos = startedNanos;
    }

    static Path gcLog(Path folder, String name) {
        return folder.resolve(name + ".gc");
    }

    /** Starts a command and waits until it says {@code ready on URL}. */
    static Subject start(String name, List<String> command, Map<String, String> environment, Path folder)
            throws IOException {
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        long began = System.nanoTime();
        Process process = builder.start();
        while (System.nanoTime() - began < START.toNanos() && process.isAlive()) {
            for (String line : Files.readAllLines(log)) {
                Matcher ready = READY.matcher(line);
                if (ready.matches()) {
                    return new Subject(name, process, URI.create(ready.group(1)), folder, began);
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        process.destroy();
        throw new IOException(name + " did not become ready; its log ends with:\n"
                + String.join("\n", tail(Files.readAllLines(log))));
    }

    private static List<String> tail(List<String> lines) {
        return lines.subList(Math.max(0, lines.size() - TAIL), lines.size());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    double secondsUp() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    GcLog collections() throws IOException {
        return GcLog.read(gcLog);
    }

    /** Lines of its log in which something went wrong. */
    List<String> complaints() throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.matches(".*\\b(ERROR|Exception|OutOfMemoryError)\\b.*"))
                .toList();
    }

    /** What a route of it answers; a missing node when it does not answer 200. */
    JsonNode get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
        return response.statusCode() == 200 ? JSON.readTree(response.body()) : JSON.missingNode();
    }

    /** Sends JSON; the status of the answer. */
    int send(String method, String url, String json, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(json));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
