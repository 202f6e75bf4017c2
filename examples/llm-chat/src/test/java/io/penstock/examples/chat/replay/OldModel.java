package io.penstock.examples.chat.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A call of the model with the whole conversation so far, its answer word by word. No retry, no timeout, no breaker. */
final class OldModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "data: ";

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI completions;

    OldModel(String endpoint) {
        completions = URI.create(endpoint + "/chat/completions");
    }

    String ask(List<Map<String, String>> conversation, Consumer<String> word) throws IOException, InterruptedException {
        byte[] body = JSON.writeValueAsBytes(Map.of("model", "stub", "stream", true, "messages", conversation));
        HttpResponse<Stream<String>> response = client.send(
                HttpRequest.newBuilder(completions)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofLines());
        StringBuilder answer = new StringBuilder();
        try (Stream<String> lines = response.body()) {
            for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
                String line = each.next();
                if (line.startsWith(PREFIX + "{")) {
                    JsonNode chunk = JSON.readTree(line.substring(PREFIX.length()));
                    String text = chunk.at("/choices/0/delta/content").asText();
                    if (!text.isEmpty()) {
                        answer.append(text);
                        word.accept(text);
                    }
                }
            }
        }
        return answer.toString();
    }
}
