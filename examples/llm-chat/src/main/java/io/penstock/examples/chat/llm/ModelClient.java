package io.penstock.examples.chat.llm;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.job.Payload;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Speaks the chat completions protocol, always as a stream.
 *
 * <p>Threads: one of {@code java.net.http} and at most {@value #THREADS} that come and go, for all calls; the caller's waits,
 * and heeds interrupts. Bound: {@value #MOST_ANSWER_CHARS} characters an answer.
 */
public final class ModelClient {
    /** At three bytes each still below the 64 KiB that Penstock keeps as a result. */
    private static final int MOST_ANSWER_CHARS = 16_000;

    private static final Duration LONGEST_BUSY = Duration.ofMinutes(10);

    /** What is told at once at most, when the model is faster than whoever passes it on. */
    private static final int MOST_PIECE_CHARS = 1_000;

    private static final String DATA = "data:";
    private static final String DONE = "[DONE]";

    /** They only carry lines to those who wait; left to itself the client has a thread for each answer that streams. */
    private static final int THREADS = 4;

    private static final long IDLE_SECONDS = 30;

    private final HttpClient client = HttpClient.newBuilder()
            .executor(carriers())
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final String endpoint;
    private final String key;

    private static Executor carriers() {
        ThreadPoolExecutor carriers = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "chat-model");
                    thread.setDaemon(true);
                    return thread;
                });
        carriers.allowCoreThreadTimeOut(true); // so none is left when nobody asks, and nothing has to be closed
        return carriers;
    }

    /** A client of this endpoint; the key goes to it and to no other. */
    public ModelClient(String endpoint, String key) {
        this.endpoint = endpoint;
        this.key = key;
    }

    /**
     * Asks and listens until the model has ended.
     *
     * @param said gets each piece; {@link ModelAnswer} is the whole
     * @throws ModelBusyException if it answered 429
     * @throws ModelRefusedException if it will never answer this
     * @throws IOException if another try may do better
     */
    public ModelAnswer ask(ModelCall wish, Consumer<String> said) throws IOException, InterruptedException {
        Duration patience = wish.patience();
        ModelLines lines = new ModelLines();
        CompletableFuture<HttpResponse<Void>> call = client.sendAsync(request(wish), lines::begin);
        var unused = call.whenComplete((response, failed) -> {
            if (failed != null) {
                lines.onError(failed);
            }
        });
        try {
            judge(lines.head(patience), lines, patience);
            return listen(lines, patience, said, wish.messages());
        } finally {
            lines.cancel();
            call.cancel(true); // hangs up, so that the model stops for which nobody listens
        }
    }

    private HttpRequest request(ModelCall wish) {
        boolean ours = wish.endpoint().isEmpty();
        byte[] body = Payload.encode(Map.of(
                "model",
                wish.model(),
                "stream",
                true,
                "max_tokens",
                wish.maxTokens(),
                "messages",
                wish.messages(),
                "stream_options",
                Map.of("include_usage", true)));
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create((ours ? endpoint : wish.endpoint()) + "/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (ours && !key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        return request.build();
    }

    private static void judge(HttpResponse.ResponseInfo head, ModelLines lines, Duration patience)
            throws IOException, InterruptedException {
        int status = head.statusCode();
        if (status == 200) {
            return;
        }
        if (status == 429) {
            throw new ModelBusyException(
                    retryAfter(head.headers().firstValue("retry-after").orElse("")));
        }
        if (status == 408 || status >= 500) {
            throw new IOException("the model answered " + status);
        }
        String reason = lines.next(patience);
        throw new ModelRefusedException("the model answered " + status + ": "
                + (reason == null ? "" : reason.substring(0, Math.min(300, reason.length()))));
    }

    /** Seconds; a date, which is allowed too and which no such endpoint sends, counts as one. */
    private static Duration retryAfter(String text) {
        long seconds = text.matches("\\d{1,6}") ? Long.parseLong(text) : 1;
        Duration wait = Duration.ofSeconds(Math.max(1, seconds));
        return wait.compareTo(LONGEST_BUSY) > 0 ? LONGEST_BUSY : wait;
    }

    private static ModelAnswer listen(
            ModelLines lines, Duration patience, Consumer<String> said, List<ModelMessage> messages)
            throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        int told = 0;
        String ending = "";
        int tokens = 0;
        for (String line = lines.next(patience); line != null; line = lines.next(patience)) {
            String data = line.startsWith(DATA) ? line.substring(DATA.length()).strip() : "";
            if (data.equals(DONE)) {
                break;
            }
            if (data.isEmpty()) {
                continue; // the empty line between two events, or a comment
            }
            JsonNode chunk = Payload.tree(data.getBytes(StandardCharsets.UTF_8));
            tokens = chunk.path("usage").path("total_tokens").asInt(tokens);
            JsonNode choice = chunk.path("choices").path(0);
            text.append(choice.path("delta").path("content").asText(""));
            ending = choice.path("finish_reason").asText(ending);
            if (text.length() > told && (lines.quiet() || text.length() - told > MOST_PIECE_CHARS)) {
                said.accept(text.substring(told));
                told = text.length();
            }
            if (text.length() > MOST_ANSWER_CHARS) {
                ending = "length";
                break;
            }
        }
        if (ending.isEmpty()) {
            throw new IOException("the model broke off after " + text.length() + " characters");
        }
        if (text.length() > told) {
            said.accept(text.substring(told));
        }
        int counted = messages.stream()
                        .mapToInt(message -> message.content().length())
                        .sum()
                + text.length();
        return new ModelAnswer(text.toString(), ending, tokens > 0 ? tokens : Math.max(1, counted / 4));
    }
}
