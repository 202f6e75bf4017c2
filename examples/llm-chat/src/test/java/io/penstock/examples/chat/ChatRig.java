package io.penstock.examples.chat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.examples.chat.stub.StubModel;
import io.penstock.examples.chat.stub.StubSettings;
import io.penstock.job.Payload;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The whole application on free ports, with a Redis, a database and a stub model of its own, and a client. */
final class ChatRig implements AutoCloseable {
    static final StubSettings FAST = StubSettings.DEFAULT.pace(0, 0, 8);

    final StubModel stub;
    private final HttpClient client = HttpClient.newHttpClient();
    private final boolean ownStub;
    private ChatApp app;

    private ChatRig(Path dir, StubModel stub, boolean ownStub, String... flags) {
        this.stub = stub;
        this.ownStub = ownStub;
        List<String> all = new ArrayList<>(List.of(
                "--port=0",
                "--dashboard-port=-1",
                "--data-dir=" + dir,
                "--llm-endpoint=" + stub.endpoint(),
                "--shutdown-seconds=0"));
        all.addAll(List.of(flags));
        this.app = ChatApp.start(ChatSettings.read(all, Map.of()));
    }

    static ChatRig start(Path dir, String... flags) {
        return new ChatRig(dir, StubModel.start(0, FAST), true, flags);
    }

    static ChatRig start(Path dir, StubModel stub, String... flags) {
        return new ChatRig(dir, stub, false, flags);
    }

    ChatApp app() {
        return app;
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + path));
    }

    CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(to(path));
    }

    HttpRequest.Builder post(String json, String... headers) {
        return postTo("/api/chat", json, headers);
    }

    HttpRequest.Builder postTo(String path, String json, String... headers) {
        HttpRequest.Builder request =
                to(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json));
        return headers.length == 0 ? request : request.headers(headers);
    }

    /** Asks without waiting for the answer. */
    JsonNode leave(String message, String agent, String tenant) throws IOException, InterruptedException {
        String ask = "{\"message\":\"" + message + "\",\"agent\":\"" + agent + "\"}";
        return json(send(postTo("/api/chat?wait=0", ask, "X-Tenant", tenant)));
    }

    void agent(String id, String json) throws IOException, InterruptedException {
        send(to("/api/agents/" + id)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    JsonNode conversation(String id) throws IOException, InterruptedException {
        return json(get("/api/chat/" + id));
    }

    static JsonNode json(HttpResponse<String> response) {
        return json(response.body());
    }

    static JsonNode json(String text) {
        return Payload.tree(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Asks for events, and hears them one by one. */
    Events events(String message, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                post("{\"message\":\"" + message + "\"}", headers).header("Accept", "text/event-stream");
        return new Events(client.send(request.build(), HttpResponse.BodyHandlers.ofLines())
                .body());
    }

    /** What one caller hears; closing it is hanging up. */
    static final class Events implements AutoCloseable {
        private final Stream<String> lines;
        private final Iterator<String> next;
        final StringBuilder text = new StringBuilder();

        Events(Stream<String> lines) {
            this.lines = lines;
            this.next = lines.iterator();
        }

        /** Listens until there is such an event; keeps the text of those before it. */
        JsonNode until(String... names) {
            String name = "";
            while (next.hasNext()) {
                String line = next.next();
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    JsonNode data = json(line.substring(6));
                    if (name.equals("delta")) {
                        text.setLength(data.path("at").asInt());
                        text.append(data.path("text").asText());
                    }
                    if (List.of(names).contains(name)) {
                        return data;
                    }
                }
            }
            throw new AssertionError("the stream ended without " + List.of(names) + ", after \"" + text + "\"");
        }

        @Override
        public void close() {
            lines.close();
        }
    }

    @Override
    public void close() {
        app.close();
        if (ownStub) {
            stub.close();
        }
    }
}
