package io.penstock.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A real server over a real Redis, and a client that speaks to it. */
public final class Rig implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Path dir;
    private final Installation installation;
    private final ByteArrayOutputStream hints = new ByteArrayOutputStream();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String token;
    private final int port;

    /** What came back. */
    public record Answer(int status, Map<String, String> headers, String text) {
        public JsonNode json() {
            try {
                return new JsonMapper().readTree(text);
            } catch (IOException e) {
                throw new AssertionError(status + " " + text, e);
            }
        }

        /** The last part of a problem's type. */
        public String problem() {
            String type = json().path("type").asText();
            return type.substring(type.lastIndexOf('/') + 1);
        }

        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
        }
    }

    private Rig(Path dir, Map<Setting, String> flags) {
        this.dir = dir;
        Settings settings = Settings.read(flags, null, Map.of());
        this.installation = Installation.start(settings, new PrintStream(hints, true, StandardCharsets.UTF_8));
        this.port = installation.address().getPort();
        try {
            this.token = Files.readString(dir.resolve("token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server with the demo handlers over this Redis. */
    public static Rig start(EmbeddedRedis redis, Consumer<Map<Setting, String>> change) {
        try {
            return start(Files.createTempDirectory("penstock-rig"), flags -> {
                flags.put(Setting.REDIS, redis.uri());
                flags.put(Setting.DEMO, "true");
                change.accept(flags);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server with these settings on top of a free port and this directory. */
    public static Rig start(Path dir, Consumer<Map<Setting, String>> change) {
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        flags.put(Setting.PORT, "0");
        flags.put(Setting.DATA_DIR, dir.toString());
        flags.put(Setting.SHUTDOWN_TIMEOUT, "2s");
        change.accept(flags);
        return new Rig(dir, flags);
    }

    /** A queue that no other test uses. */
    public static String queue() {
        return "q" + ProcessHandle.current().pid() + "." + NAMES.incrementAndGet();
    }

    public int port() {
        return port;
    }

    public String url() {
        return "http://127.0.0.1:" + port();
    }

    public String token() {
        return token;
    }

    public Path dir() {
        return dir;
    }

    public String hints() {
        return hints.toString(StandardCharsets.UTF_8);
    }

    public Answer get(String path) {
        return send("GET", path, null);
    }

    public Answer post(String path, String json) {
        return send("POST", path, json);
    }

    /** Enqueues and returns the id. */
    public String enqueue(String queue, String job) {
        Answer answer = post("/api/v1/queues/" + queue + "/jobs", job);
        if (answer.status() != 201) {
            throw new AssertionError(answer.toString());
        }
        return answer.json().path("id").asText();
    }

    public JsonNode job(String id) {
        return get("/api/v1/jobs/" + id).json();
    }

    /** Sends JSON with the token. */
    public Answer send(String method, String path, String json, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path));
        request.header("Authorization", "Bearer " + token);
        if (json != null && Stream.of(headers).noneMatch("Content-Type"::equals)) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request, method, json);
    }

    /** Sends without the token; an odd number of texts begins with JSON to send. */
    public Answer bare(String method, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path));
        int first = headers.length % 2;
        if (first == 1) {
            request.header("Content-Type", "application/json");
        }
        for (int i = first; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request, method, first == 1 ? headers[0] : null);
    }

    private Answer send(HttpRequest.Builder request, String method, String body) {
        request.method(
                method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Map<String, String> headers = new java.util.TreeMap<>();
            response.headers().map().forEach((name, values) -> headers.put(name, String.join(", ", values)));
            return new Answer(response.statusCode(), headers, response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Stops the server and keeps its directory. */
    public void stop() {
        installation.close();
    }

    @Override
    public void close() {
        stop();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
