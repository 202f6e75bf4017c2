package io.penstock.examples.chat.stub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StubModelTest {
    private static final StubSettings FAST = StubSettings.DEFAULT.pace(0, 0, 5);

    private final StubModel model = StubModel.start(0, FAST);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void streamsAnAnswerTokenByToken() throws Exception {
        HttpResponse<Stream<String>> answer = client.send(ask("", true), HttpResponse.BodyHandlers.ofLines());
        List<String> events = answer.body().filter(line -> !line.isEmpty()).toList();
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(events).hasSize(7).allMatch(line -> line.startsWith("data: "));
        assertThat(events.get(0)).contains("You asked: why?").contains("chat.completion.chunk");
        assertThat(events.get(5)).contains("\"finish_reason\":\"stop\"").contains("\"completion_tokens\":5");
        assertThat(events.get(6)).isEqualTo("data: [DONE]");
    }

    @Test
    void answersWholeWhenNotAskedForAStream() throws Exception {
        HttpResponse<String> answer = client.send(ask("", false), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("You asked: why?").contains("\"total_tokens\"");
    }

    @Test
    void refusesAndFailsAsItIsTold() throws Exception {
        HttpResponse<String> limited =
                client.send(ask("?share429=1&retryAfterSeconds=7", true), HttpResponse.BodyHandlers.ofString());
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("retry-after")).contains("7");
        model.settings(FAST.failing(0, 1));
        assertThat(client.send(ask("", true), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(500);
        assertThat(client.send(ask("?share429=much", true), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(400);
        assertThat(model.calls()).isEqualTo(2);
    }

    @Test
    void cutsAStreamInTheMiddle() {
        assertThatThrownBy(
                        () -> client.send(ask("?shareCut=1&tokenMillis=1", true), HttpResponse.BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    private HttpRequest ask(String query, boolean stream) {
        return HttpRequest.newBuilder(URI.create(model.endpoint() + "/chat/completions" + query))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"stream\":" + stream
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"why?\"}]}"))
                .build();
    }
}
