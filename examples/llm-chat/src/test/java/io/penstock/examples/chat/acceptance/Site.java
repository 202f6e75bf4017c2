package io.penstock.examples.chat.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.examples.chat.acceptance.Chats.Dialect;
import io.penstock.examples.chat.replay.OldDesign;
import io.penstock.examples.chat.replay.OldWire;
import io.penstock.examples.chat.stub.StubModel;
import io.penstock.examples.chat.stub.StubSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What both subjects share: one Redis, one stub model, the heap they may have; and how each of them is started. */
final class Site implements AutoCloseable {
    /** Of the greatest heap that either may have. */
    static final long HEAP_BYTES = 64L << 20;

    private static final String HEAP = "-Xmx64m";

    /** Else the serial collector leaves a twentieth of what is dead where it lies in three of four whole collections. */
    private static final String EXACT = "-XX:MarkSweepAlwaysCompactCount=1";

    /** The one that the launcher chooses for the example. */
    private static final String COLLECTOR = "-XX:+UseSerialGC";

    /** Of the one run only, on the loopback. */
    private static final String TOKEN = "acceptance-" + Long.toHexString(System.nanoTime()) + "-of-this-run-only";

    /** The model's own stream, to know what of a wait is the model's. */
    static final Dialect MODEL = new Dialect(
            "/v1/chat/completions",
            number -> "{\"model\":\"stub\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"question "
                    + number + "\"}]}",
            line -> line.startsWith("data: {") && !line.contains("\"content\":\"\""),
            line -> line.equals("data: [DONE]"));

    static final Dialect REPLAYED = new Dialect(
            "/api/chat",
            number -> "{\"message\":\"question " + number + "\"}",
            line -> line.equals("event: token"),
            line -> line.equals("event: done"));

    static final Dialect EXAMPLE = new Dialect(
            "/api/chat",
            number -> "{\"message\":\"question " + number + "\"}",
            line -> line.equals("event: delta"),
            line -> line.equals("event: completed"));

    final EmbeddedRedis redis =
            EmbeddedRedis.builder().unixSocket(false).persistence(true).start();
    final StubModel model = StubModel.start(0, StubSettings.DEFAULT);
    private final Options options;
    private final Path folder;

    Site(Options options) throws IOException {
        this.options = options;
        this.folder = Files.createTempDirectory("llm-chat-acceptance");
    }

    static Dialect dialect(String subject) {
        return subject.equals(Options.REPLAY) ? REPLAYED : EXAMPLE;
    }

    /**
     * Starts one of the two on an empty Redis.
     *
     * @param more flags of ours; the replay is as the report was
     */
    Subject start(String subject, String... more) throws IOException, InterruptedException {
        try (OldWire wire = OldWire.open(redis.uri())) {
            wire.call("FLUSHALL");
        }
        return subject.equals(Options.REPLAY) ? replay() : furnished(ours(List.of(more)));
    }

    /** As many agents as the replay has; the first is there. */
    private static Subject furnished(Subject ours) throws IOException, InterruptedException {
        for (int i = 2; i <= OldDesign.AGENTS; i++) {
            int status =
                    ours.send("PUT", ours.url.resolve("/api/agents/agent-" + i).toString(), "{}");
            if (status / 100 != 2) {
                ours.close();
                throw new IOException("PUT /api/agents/agent-" + i + " was answered " + status);
            }
        }
        return ours;
    }

    private Subject replay() throws IOException {
        List<String> command = List.of(
                java(),
                HEAP,
                COLLECTOR,
                GcLog.option(Subject.gcLog(folder, Options.REPLAY)),
                "-cp",
                System.getProperty("java.class.path"),
                OldDesign.class.getName(),
                "" + options.port,
                redis.uri(),
                model.endpoint());
        return Subject.start(Options.REPLAY, command, Map.of(), folder);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Subject ours(List<String> more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                options.home.resolve("penstock").toString(), "example", "llm-chat", "--port", "" + options.port));
        command.addAll(flags(redis.uri(), model.endpoint(), folder.resolve("data")));
        command.addAll(more);
        String java = HEAP + " " + EXACT + " " + GcLog.option(Subject.gcLog(folder, Options.OURS)) + " "
                + System.getenv().getOrDefault("PENSTOCK_JAVA_OPTS", "");
        return Subject.start(
                Options.OURS, command, Map.of("PENSTOCK_JAVA_OPTS", java, "PENSTOCK_TOKEN", TOKEN), folder);
    }

    /** What the example is told wherever it is started. */
    static List<String> flags(String redis, String endpoint, Path data) {
        return List.of(
                "--redis", redis, "--llm-endpoint", endpoint, "--data-dir", data.toString(), "--dashboard-port", "0");
    }

    /** How a test starts the example, or what keeps memory beside it, as a small process of its own. */
    static List<String> small(String main, EmbeddedRedis redis, StubModel model, Path data) {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main,
                "--port=0"));
        command.addAll(flags(redis.uri(), model.endpoint(), data));
        return command;
    }

    /** What the server beside the example answers below {@code /api/v1/}. */
    static JsonNode beside(Subject subject, String path) throws IOException, InterruptedException {
        return subject.get(
                subject.get("/api/info").path("dashboard").asText() + "api/v1/" + path,
                "Authorization",
                "Bearer " + TOKEN);
    }

    /** Tells the server beside the example something. */
    static void tell(Subject subject, String method, String path, String json)
            throws IOException, InterruptedException {
        String url = subject.get("/api/info").path("dashboard").asText() + "api/v1/" + path;
        int status = subject.send(method, url, json, "Authorization", "Bearer " + TOKEN);
        if (status / 100 != 2) {
            throw new IOException(method + " " + path + " was answered " + status);
        }
    }

    /** The beginning of the names of threads that only wait for their time to come. */
    static String timerThreads(String subject) {
        return subject.equals(Options.REPLAY) ? "old-timer-" : "penstock-timer";
    }

    @Override
    public void close() throws IOException {
        model.close();
        redis.close();
        try (Stream<Path> left = Files.walk(folder)) {
            left.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
