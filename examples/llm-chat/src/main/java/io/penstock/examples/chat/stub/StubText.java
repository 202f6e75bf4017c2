package io.penstock.examples.chat.stub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.runtime.Clock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What a stub says, in the shapes of the protocol: chunks of a stream, or a whole answer. */
final class StubText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> WORDS = List.of(
            "a", "queue", "takes", "what", "fits", "and", "leaves", "the", "rest", "to", "wait;", "water", "behind",
            "gate", "turns", "wheel", "at", "its", "own", "pace,", "so", "nothing", "is", "lost.");

    /** Of the question, so that a reader sees that it was heard. */
    private static final int ECHO_CHARACTERS = 200;

    private final String id;
    private final String model;
    private final String question;
    private final int promptTokens;
    private final boolean stream;
    private final long createdSeconds = Clock.system().millis() / 1_000;

    StubText(JsonNode request, long number) {
        this.id = "chatcmpl-stub-" + number;
        this.model = request.path("model").asText("stub");
        this.stream = request.path("stream").asBoolean(false);
        JsonNode messages = request.path("messages");
        String last = messages.path(messages.size() - 1).path("content").asText("");
        this.question = last.length() > ECHO_CHARACTERS ? last.substring(0, ECHO_CHARACTERS) : last;
        int characters = 0;
        for (JsonNode message : messages) {
            characters += message.path("content").asText("").length();
        }
        this.promptTokens = Math.max(1, characters / 4); // the usual rule of thumb
    }

    boolean stream() {
        return stream;
    }

    String token(int index, SplittableRandom random) {
        return index == 0 ? "You asked: " + question + " -" : " " + WORDS.get(random.nextInt(WORDS.size()));
    }

    byte[] chunk(String content) {
        return event(choice("chat.completion.chunk", "delta", content, null));
    }

    byte[] lastChunk(int tokens) {
        ObjectNode end = choice("chat.completion.chunk", "delta", "", "stop");
        usage(end, tokens);
        byte[] event = event(end);
        byte[] done = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);
        byte[] both = new byte[event.length + done.length];
        System.arraycopy(event, 0, both, 0, event.length);
        System.arraycopy(done, 0, both, event.length, done.length);
        return both;
    }

    byte[] whole(String content, int tokens) {
        ObjectNode answer = choice("chat.completion", "message", content, "stop");
        usage(answer, tokens);
        return answer.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void usage(ObjectNode answer, int tokens) {
        answer.putObject("usage")
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", tokens)
                .put("total_tokens", promptTokens + tokens);
    }

    private ObjectNode choice(String object, String part, String content, @Nullable String finish) {
        ObjectNode root = JSON.createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdSeconds)
                .put("model", model);
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        choice.putObject(part).put("role", "assistant").put("content", content);
        choice.put("finish_reason", finish);
        return root;
    }

    private static byte[] event(ObjectNode json) {
        return ("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    static String error(String type, String message) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error").put("message", message).put("type", type).put("code", type);
        return root.toString();
    }
}
