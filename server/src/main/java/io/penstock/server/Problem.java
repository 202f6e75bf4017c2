package io.penstock.server;

import io.penstock.job.Enqueued;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A refusal on its way to the client, answered as RFC 9457 problem+json.
 *
 * <p>It carries no stack trace: it tells the client what is wrong with the request and nobody what is wrong here.
 */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Where there is no better guess: long enough to be polite, short enough not to be noticed. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final ProblemType type;
    private final @Nullable String pointer;
    private final @Nullable Duration retryAfter;
    private final transient Map<String, String> headers;

    private Problem(
            ProblemType type,
            String detail,
            @Nullable String pointer,
            @Nullable Duration retryAfter,
            Map<String, String> headers) {
        super(detail, null, false, false);
        this.type = type;
        this.pointer = pointer;
        this.retryAfter = retryAfter;
        this.headers = headers;
    }

    static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, null, type.status() == 503 ? SOON : null, Map.of());
    }

    /** @param pointer JSON pointer to the field at fault */
    static Problem at(String pointer, ProblemType type, String detail) {
        return new Problem(type, detail, pointer, null, Map.of());
    }

    static Problem invalid(String pointer, String detail) {
        return at(pointer, ProblemType.INVALID_VALUE, detail);
    }

    static Problem notFound(String what, String name) {
        return of(
                ProblemType.NOT_FOUND, what + " \"" + name + "\" does not exist; nothing was done; list what there is");
    }

    static Problem methodNotAllowed(String method, String path, List<String> allowed) {
        String all = String.join(", ", allowed);
        return new Problem(
                ProblemType.METHOD_NOT_ALLOWED,
                method + " is not known at " + path + "; nothing was done; use " + all,
                null,
                null,
                Map.of("Allow", all));
    }

    static Problem unauthorized(String detail) {
        return new Problem(ProblemType.UNAUTHORIZED, detail, null, null, Map.of("WWW-Authenticate", "Bearer"));
    }

    /** Says in HTTP what the queue said to the producer. */
    static Problem refused(Enqueued.Refused refused) {
        ProblemType type = switch (refused.reason()) {
            case QUEUE_FULL, QUEUE_BYTES -> ProblemType.QUEUE_FULL;
            case DRAINING -> ProblemType.QUEUE_DRAINING;
            case REDIS_FULL -> ProblemType.REDIS_FULL;
            case REDIS_UNREACHABLE -> ProblemType.REDIS_UNREACHABLE;
            case MEMORY_PRESSURE -> ProblemType.MEMORY_PRESSURE;
            case BUFFER_FULL -> ProblemType.BUSY;
            case TOO_LARGE -> ProblemType.TOO_LARGE;
        };
        return new Problem(type, refused.message(), null, wait(type, refused.retryAfter()), Map.of());
    }

    private static @Nullable Duration wait(ProblemType type, Duration asked) {
        if (type == ProblemType.TOO_LARGE) {
            return null;
        }
        return asked.compareTo(SOON) < 0 ? SOON : asked;
    }

    ProblemType type() {
        return type;
    }

    String detail() {
        String detail = getMessage();
        return detail == null ? type.title() : detail;
    }

    /** Returns whole seconds for Retry-After, 0 = trying again does not help. */
    long retryAfterSeconds() {
        return retryAfter == null ? 0 : Math.max(1, (retryAfter.toMillis() + 999) / 1000);
    }

    /** Answers it as a document. */
    Reply reply(String requestId) {
        byte[] body = Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("type", type.uri());
            json.writeStringField("title", type.title());
            json.writeNumberField("status", type.status());
            json.writeStringField("detail", detail());
            if (retryAfter != null) {
                json.writeNumberField("retryAfter", retryAfterSeconds());
            }
            if (pointer != null) {
                json.writeArrayFieldStart("errors");
                json.writeStartObject();
                json.writeStringField("pointer", pointer);
                json.writeStringField("detail", detail());
                json.writeEndObject();
                json.writeEndArray();
            }
            json.writeStringField("requestId", requestId);
            json.writeEndObject();
        });
        Reply reply = Reply.of(type.status(), "application/problem+json", body);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            reply = reply.header(header.getKey(), header.getValue());
        }
        return retryAfter == null ? reply : reply.header("Retry-After", Long.toString(retryAfterSeconds()));
    }
}
