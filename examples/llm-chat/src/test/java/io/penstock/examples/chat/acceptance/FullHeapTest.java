package io.penstock.examples.chat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.examples.chat.stub.StubModel;
import io.penstock.examples.chat.stub.StubSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What callers hear when the heap is really full, and afterwards. */
@Timeout(300)
final class FullHeapTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void refusesQuestionsWhileTheHeapIsFullAnswersReadersAndRecovers(@TempDir Path folder) throws Exception {
        try (EmbeddedRedis redis = EmbeddedRedis.builder()
                        .unixSocket(false)
                        .persistence(false)
                        .start();
                StubModel model = StubModel.start(0, StubSettings.DEFAULT.pace(0, 0, 8))) {
            Process process = start(redis, model, folder);
            try {
                fillsAndEmpties(process);
            } finally {
                process.destroyForcibly()
                        .waitFor(); // ends its streams, too: closing one that is being read would wait for ever
            }
        }
    }

    private void fillsAndEmpties(Process process) throws Exception {
        Writer in = process.outputWriter(StandardCharsets.UTF_8);
        URI url = ready(process.inputReader(StandardCharsets.UTF_8));
        assertThat(ask(url).statusCode() / 100).isEqualTo(2);

        HttpResponse<String> refused = fill(url, in);

        assertThat(refused.body()).contains("memory-pressure");
        assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
        assertThat(get(url, "/api/agents")).isEqualTo(200);
        in.write("drop\n");
        in.flush();
        await().atMost(LONG).until(() -> ask(url).statusCode() / 100 == 2);
        await().atMost(LONG).until(() -> get(url, "/api/health") == 200);
        assertThat(process.isAlive()).isTrue();
    }

    private static Process start(EmbeddedRedis redis, StubModel model, Path folder) throws IOException {
        List<String> command = Site.small(Hoarder.class.getName(), redis, model, folder.resolve("data"));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static URI ready(BufferedReader out) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.contains("ready on ")) {
                drain(out);
                return URI.create(line.replaceFirst(".*ready on (\\S+).*", "$1"));
            }
        }
        throw new IOException("the example did not become ready");
    }

    /** Else it would wait for us as soon as it has much to tell. */
    private static void drain(BufferedReader out) {
        Thread reader = new Thread(() -> out.lines().forEach(System.out::println), "drain");
        reader.setDaemon(true);
        reader.start();
    }

    /** Keeps more and more until a question is refused. */
    private HttpResponse<String> fill(URI url, Writer in) {
        List<HttpResponse<String>> refused = new ArrayList<>();
        await().atMost(LONG).until(() -> {
            in.write("keep\n");
            in.flush();
            HttpResponse<String> answer = ask(url);
            if (answer.statusCode() == 503) {
                refused.add(answer);
            }
            return !refused.isEmpty();
        });
        return refused.get(0);
    }

    /** Without waiting for the answer: what counts is whether the question is taken. */
    private HttpResponse<String> ask(URI url) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/api/chat?wait=0"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"is there room?\"}"))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private int get(URI url, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(url.resolve(path)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
