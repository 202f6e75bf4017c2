package io.penstock.examples.chat.acceptance;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.examples.chat.acceptance.Chats.Dialect;
import io.penstock.examples.chat.replay.OldDesign;
import io.penstock.examples.chat.replay.OldWire;
import io.penstock.examples.chat.stub.StubModel;
import io.penstock.examples.chat.stub.StubSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What both subjects share: one Redis, one stub model, the heap they may have; and how each of them is started. */
final class Site implements AutoCloseable {
    /** Of the greatest heap that either may have. */
    static final long HEAP_BYTES = 64L << 20;

    /** The model's own stream, to know what of a wait is the model's. */
    static final Dialect MODEL = new Dialect(
            "/v1/chat/completions",
            number -> "{\"model\":\"stub\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"question "
                    + number + "\"}]}",
            line -> line.startsWith("data: {") && !line.contains("\"content\":\"\""),
            line -> line.equals("data: [DONE]"));

    private static final Dialect REPLAYED = new Dialect(
            "/api/chat",
            number -> "{\"message\":\"question " + number + "\"}",
            line -> line.equals("event: token"),
            line -> line.equals("event: done"));

    private static final String HEAP = "-Xmx64m";

    final EmbeddedRedis redis =
            EmbeddedRedis.builder().unixSocket(false).persistence(true).start();
    final StubModel model = StubModel.start(0, StubSettings.DEFAULT);
    private final Options options;
    private final Path folder;

    Site(Options options) throws IOException {
        this.options = options;
        this.folder = Files.createTempDirectory("llm-chat-acceptance");
    }

    Dialect dialect(String subject) {
        return subject.equals(Options.REPLAY) ? REPLAYED : REPLAYED;
    }

    /** Starts one of the two on an empty Redis. */
    Subject start(String subject) throws IOException {
        try (OldWire wire = OldWire.open(redis.uri())) {
            wire.call("FLUSHALL");
        }
        return subject.equals(Options.REPLAY) ? replay() : ours();
    }

    private Subject replay() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                GcLog.option(Subject.gcLog(folder, Options.REPLAY)),
                "-cp",
                System.getProperty("java.class.path"),
                OldDesign.class.getName(),
                "" + options.port,
                redis.uri(),
                model.endpoint());
        return Subject.start(Options.REPLAY, command, Map.of(), folder);
    }

    private Subject ours() throws IOException {
        List<String> command = List.of(
                options.home.resolve("penstock").toString(),
                "example",
                "llm-chat",
                "--port",
                "" + options.port,
                "--redis",
                redis.uri(),
                "--data-dir",
                folder.resolve("data").toString(),
                "--model-url",
                model.endpoint());
        String java = HEAP + " " + GcLog.option(Subject.gcLog(folder, Options.OURS));
        return Subject.start(Options.OURS, command, Map.of("PENSTOCK_JAVA_OPTS", java), folder);
    }

    Inside inside(Subject subject) throws IOException, InterruptedException {
        return Inside.ofReplay(subject.get("/api/health"));
    }

    /** The beginning of the names of threads that only wait for their time to come. */
    static String timerThreads(String subject) {
        return subject.equals(Options.REPLAY) ? "old-timer-" : "penstock-timer";
    }

    @Override
    public void close() throws IOException {
        model.close();
        redis.close();
        try (var left = Files.walk(folder)) {
            left.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
