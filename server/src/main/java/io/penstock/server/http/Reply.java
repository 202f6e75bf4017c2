package io.penstock.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An answer ready to be sent.
 *
 * @param stream takes the exchange over once the headers are set, and ends it; null = the body is all
 * @param undelivered runs when the answer could not be written, so that what it promised can be taken back
 */
@SuppressWarnings("ArrayRecordComponent") // made once, sent once
public record Reply(
        int status,
        String contentType,
        byte[] body,
        Map<String, String> headers,
        @Nullable Consumer<HttpServerExchange> stream,
        Runnable undelivered) {
    private static final byte[] NOTHING = {};

    public static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, contentType, body, Map.of(), null, Reply::forget);
    }

    private static void forget() {
        // nothing was promised
    }

    public static Reply json(int status, Json.Writing writing) {
        return of(status, "application/json", Json.bytes(writing));
    }

    public static Reply ok(Json.Writing writing) {
        return json(200, writing);
    }

    public static Reply text(String contentType, String text) {
        return of(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers a refusal as a document. */
    public static Reply of(Problem problem, String requestId) {
        ProblemType type = problem.type();
        Reply reply =
                of(type.status(), "application/problem+json", Json.bytes(json -> document(json, problem, requestId)));
        for (Map.Entry<String, String> header : problem.headers().entrySet()) {
            reply = reply.header(header.getKey(), header.getValue());
        }
        long seconds = problem.retryAfterSeconds();
        return seconds == 0 ? reply : reply.header("Retry-After", Long.toString(seconds));
    }

    private static void document(JsonGenerator json, Problem problem, String requestId) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", problem.type().uri());
        json.writeStringField("title", problem.type().title());
        json.writeNumberField("status", problem.type().status());
        json.writeStringField("detail", problem.detail());
        if (problem.retryAfterSeconds() > 0) {
            json.writeNumberField("retryAfter", problem.retryAfterSeconds());
        }
        if (problem.pointer() != null) {
            json.writeArrayFieldStart("errors");
            json.writeStartObject();
            json.writeStringField("pointer", problem.pointer());
            json.writeStringField("detail", problem.detail());
            json.writeEndObject();
            json.writeEndArray();
        }
        json.writeStringField("requestId", requestId);
        json.writeEndObject();
    }

    /** Answers with what comes, until somebody ends the exchange. */
    public static Reply stream(String contentType, Consumer<HttpServerExchange> stream) {
        return new Reply(200, contentType, NOTHING, Map.of(), stream, Reply::forget);
    }

    public static Reply noContent() {
        return of(204, "", NOTHING);
    }

    public Reply header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, contentType, body, more, stream, undelivered);
    }

    public Reply onUndelivered(Runnable takeBack) {
        return new Reply(status, contentType, body, headers, stream, takeBack);
    }
}
