package io.penstock.examples.chat;

import io.penstock.job.Payload;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request, its body read, and the way to answer it.
 *
 * @param id what stands behind the last slash of a route that has one, else empty
 */
record Request(HttpServerExchange exchange, String id, byte[] body) {
    private static final HttpString TENANT = new HttpString("X-Tenant");

    /** Who asks; names of groups, so that fairness is Penstock's. A real application takes it from its sign-in. */
    String tenant() {
        String given = exchange.getRequestHeaders().getFirst(TENANT);
        if (given == null) {
            return "public";
        }
        if (!given.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw Problem.illegal("X-Tenant is not 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        return given;
    }

    @Nullable
    String header(String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    @Nullable
    String query(String name) {
        var values = exchange.getQueryParameters().get(name);
        return values == null ? null : values.getFirst();
    }

    <T> T json(Class<T> type) {
        String sent = header("Content-Type");
        // also what keeps pages of other sites from posting here: they would need leave first, and nobody gives it
        if (sent == null || !sent.startsWith("application/json")) {
            throw Problem.of(415, "unsupported-media-type", "the body is not application/json; nothing was done");
        }
        try {
            return Payload.decode(body, type);
        } catch (IllegalArgumentException unreadable) {
            throw Problem.illegal("the body does not read as JSON of the right shape");
        }
    }

    void answer(int status, Object value) {
        send(status, "application/json", Payload.encode(value));
    }

    void answer(Problem problem) {
        Duration wait = problem.retryAfter();
        if (!wait.isZero()) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, seconds(wait));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", problem.type());
        json.put("status", problem.status());
        json.put("detail", problem.getMessage());
        send(problem.status(), "application/problem+json", Payload.encode(json));
    }

    /** Rounded up, so that nobody comes too early. */
    static long seconds(Duration wait) {
        return Math.max(1, (wait.toMillis() + 999) / 1_000);
    }

    void send(int status, String type, byte[] bytes) {
        if (exchange.isResponseStarted() || exchange.isComplete()) {
            return;
        }
        exchange.setStatusCode(status);
        if (status == 204) {
            exchange.endExchange();
            return;
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseSender().send(ByteBuffer.wrap(bytes));
    }
}
