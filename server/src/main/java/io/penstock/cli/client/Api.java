package io.penstock.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.output.Streams;
import io.penstock.server.settings.Address;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.TokenFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The server as a command sees it: JSON in and out, and every refusal a {@link Failure} with its code. */
public final class Api {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(30);

    private final String base;
    private final @Nullable String token;
    private final Duration patience;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    public Api(Streams streams, String url, @Nullable String tokenFile, @Nullable Duration timeout) {
        this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.patience = timeout == null || timeout.isZero() ? REQUEST : timeout;
        URI uri = address(base);
        this.token = token(streams, tokenFile, uri);
        boolean clear = "http".equals(uri.getScheme()) && !Address.loopback(uri.getHost());
        if (clear && token != null) {
            streams.err().println("penstock: warning: the token goes over the network in the clear; use https");
        }
    }

    private static URI address(String base) {
        try {
            URI uri = URI.create(base);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException notOne) {
            // told below
        }
        throw new Failure(Exit.USAGE, "--url \"" + base + "\" is no http:// or https:// address");
    }

    /** The local server's token is for this machine only: it is not sent to an address that somebody gave. */
    private static @Nullable String token(Streams streams, @Nullable String file, URI uri) {
        String given = streams.variable("PENSTOCK_TOKEN", "");
        String named = file == null ? streams.variable("PENSTOCK_TOKEN_FILE", "") : file;
        if (!named.isEmpty() && (file != null || given.isEmpty())) {
            try {
                return TokenFile.read(Path.of(named));
            } catch (IOException unreadable) {
                throw new Failure(
                        Exit.USAGE, "the token file " + named + " cannot be read: " + unreadable.getMessage());
            }
        }
        if (!given.isEmpty()) {
            return given;
        }
        String dir = streams.variable("PENSTOCK_DATA_DIR", "");
        Path local = TokenFile.in(dir.isEmpty() ? Setting.defaultDataDir(streams.environment()) : Path.of(dir));
        try {
            return Address.loopback(uri.getHost()) && Files.isReadable(local) ? TokenFile.read(local) : null;
        } catch (IOException unreadable) {
            return null; // the server will say that a token is needed
        }
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** Reads JSON that a person typed. */
    public static JsonNode parse(String what, String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException wrong) {
            throw new Failure(Exit.USAGE, what + " is not JSON: " + wrong.getOriginalMessage());
        }
    }

    public String url() {
        return base;
    }

    public JsonNode get(String path) {
        return json(send("GET", path, null, Map.of()));
    }

    /** Returns what is answered within this time, when the server is asked to take its time. */
    public JsonNode get(String path, Duration within) {
        HttpResponse<String> response = exchange("GET", path, null, Map.of(), within);
        if (response.statusCode() >= 400) {
            throw failure(response);
        }
        return json(response);
    }

    /** Returns how the server is, also when that is a reason for it to answer 503. */
    public JsonNode health() {
        HttpResponse<String> response = exchange("GET", "/api/v1/health", null, Map.of());
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (response.statusCode() != 200 && !(response.statusCode() == 503 && type.equals("application/json"))) {
            throw failure(response);
        }
        return json(response);
    }

    public JsonNode post(String path) {
        return json(send("POST", path, null, Map.of()));
    }

    public JsonNode post(String path, JsonNode body) {
        return json(send("POST", path, body.toString(), Map.of("Content-Type", "application/json")));
    }

    public JsonNode patch(String path, JsonNode body) {
        return json(send("PATCH", path, body.toString(), Map.of("Content-Type", "application/json")));
    }

    /** Changes settings; those of a thing that is not there yet are set whole. */
    public void patchOrPut(String path, JsonNode body) {
        try {
            patch(path, body);
        } catch (Failure failure) {
            if (failure.code() != Exit.NOT_FOUND) {
                throw failure;
            }
            send("PUT", path, body.toString(), Map.of("Content-Type", "application/json"));
        }
    }

    public void delete(String path) {
        send("DELETE", path, null, Map.of());
    }

    /** Sends lines of JSON under a key, so that sending them again after a lost answer does nothing twice. */
    public JsonNode postLines(String path, String lines, String key) {
        return json(send("POST", path, lines, Map.of("Content-Type", "application/x-ndjson", "Idempotency-Key", key)));
    }

    /** One server-sent event; the id is null where it has none. */
    public record Event(String name, @Nullable String id, JsonNode data) {}

    /**
     * Hands on events as they come, until one is called {@code end}; returns the data of that, null if the stream broke off
     * before.
     */
    public @Nullable JsonNode events(String path, Map<String, String> headers, Consumer<Event> heard) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        headers.forEach(request::header);
        HttpResponse<InputStream> response = sent(request, HttpResponse.BodyHandlers.ofInputStream(), patience);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() >= 400) {
                throw failure(response.statusCode(), lines.lines().collect(Collectors.joining("\n")));
            }
            String id = null;
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    JsonNode data = MAPPER.readTree(line.substring(6));
                    heard.accept(new Event(name, id, data));
                    if (name.equals("end")) {
                        return data;
                    }
                    id = null;
                }
            }
            return null;
        } catch (IOException broken) {
            return null;
        }
    }

    /** Returns a part of a path or query as it must be written. */
    public static String quoted(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Sends and returns the body, whatever the status. */
    public HttpResponse<String> send(String method, String path, @Nullable String body, Map<String, String> headers) {
        HttpResponse<String> response = exchange(method, path, body, headers);
        if (response.statusCode() >= 400) {
            throw failure(response);
        }
        return response;
    }

    /** Sends and returns the answer, also a refusal. */
    HttpResponse<String> exchange(String method, String path, @Nullable String body, Map<String, String> headers) {
        return exchange(method, path, body, headers, patience);
    }

    private HttpResponse<String> exchange(
            String method, String path, @Nullable String body, Map<String, String> headers, Duration within) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(within);
        headers.forEach(request::header);
        request.method(
                method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        return sent(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), within);
    }

    private <T> HttpResponse<T> sent(
            HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler, Duration within) {
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return client.send(request.build(), handler);
        } catch (HttpTimeoutException late) {
            throw new Failure(Exit.UNREACHABLE, base + " did not answer within " + within.toMillis() + " ms");
        } catch (ConnectException closed) {
            throw new Failure(
                    Exit.UNREACHABLE, base + " does not answer; is the server up? start it with: penstock up");
        } catch (IOException broken) {
            throw new Failure(Exit.UNREACHABLE, base + ": the connection broke: " + broken.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Failure(Exit.INTERRUPTED, "interrupted");
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        try {
            return response.body().isEmpty() ? MAPPER.nullNode() : MAPPER.readTree(response.body());
        } catch (JsonProcessingException foreign) {
            throw new Failure(Exit.FAILURE, "the answer is not JSON; is this a Penstock server?");
        }
    }

    static Failure failure(HttpResponse<String> response) {
        return failure(response.statusCode(), response.body());
    }

    private static Failure failure(int status, String body) {
        String detail = "the server answered " + status;
        String type = "";
        long retryAfter = 0;
        try {
            JsonNode problem = MAPPER.readTree(body);
            detail = problem.path("detail").asText(detail);
            type = problem.path("type").asText("");
            retryAfter = problem.path("retryAfter").asLong(0);
        } catch (JsonProcessingException foreign) {
            // a proxy's page: the status says enough
        }
        return new Failure(code(status, type), detail, retryAfter);
    }

    private static int code(int status, String type) {
        if (type.endsWith("/redis-unreachable") || type.endsWith("/shutting-down")) {
            return Exit.UNREACHABLE;
        }
        return switch (status) {
            case 400, 415 -> Exit.USAGE;
            case 401, 403, 421 -> Exit.NOT_ALLOWED;
            case 404 -> Exit.NOT_FOUND;
            case 409, 412, 422 -> Exit.CONFLICT;
            case 413, 429, 503, 507 -> Exit.REFUSED;
            case 502, 504 -> Exit.UNREACHABLE;
            default -> Exit.FAILURE;
        };
    }
}
