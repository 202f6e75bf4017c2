package io.penstock.server.wire;

import java.util.Locale;

/**
 * The published kinds of refusal; the address of each is an identifier for programs, listed in openapi.json.
 *
 * <p>A kind is never renamed and never changes its status: clients branch on it.
 */
public enum ProblemType {
    MALFORMED_JSON(400, "The body is not the JSON that this route reads"),
    INVALID_VALUE(400, "A value is not legal"),
    UNKNOWN_FIELD(400, "The body has a field that this route does not know"),
    UNKNOWN_PARAMETER(400, "The query has a parameter that this route does not know"),
    UNAUTHORIZED(401, "A valid bearer token is needed"),
    FOREIGN_ORIGIN(403, "The write did not come from this server's own pages"),
    FORBIDDEN(403, "The token's role or queues do not allow this"),
    READ_ONLY(403, "The server is in read-only mode"),
    NOT_FOUND(404, "There is no such thing"),
    NO_SUCH_ROUTE(404, "There is no such route"),
    METHOD_NOT_ALLOWED(405, "The route does not know this method"),
    CONFLICT(409, "The thing is not in a state that allows this"),
    LEASE_LOST(409, "The lease is over"),
    IDEMPOTENCY_IN_FLIGHT(409, "The first request with this key is still running"),
    PRECONDITION_FAILED(412, "It was changed since it was read"),
    TOO_LARGE(413, "Too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The content type is not one that this route reads"),
    UNSUPPORTED_ENCODING(415, "Encoded bodies are not accepted"),
    MISDIRECTED(421, "The host name is not one of this server's"),
    IDEMPOTENCY_MISMATCH(422, "The idempotency key was used for another request"),
    QUEUE_FULL(429, "The queue is full"),
    RATE_LIMITED(429, "The limit is used up"),
    TOO_SOON(429, "It was done a moment ago"),
    INTERNAL(500, "Something broke on this side"),
    BUSY(503, "The server has as much work in hand as it may"),
    SHUTTING_DOWN(503, "The server is shutting down"),
    QUEUE_DRAINING(503, "The queue takes no new jobs"),
    MEMORY_PRESSURE(503, "The process is over its load line"),
    REDIS_UNREACHABLE(503, "Redis does not answer"),
    HTTP_VERSION(505, "The version of HTTP is not one that is spoken here"),
    REDIS_FULL(507, "Redis is full");

    private static final String BASE = "https://penstock.dev/problems/";

    private final int status;
    private final String title;

    ProblemType(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** Returns the identifier that goes into {@code type}. */
    public String uri() {
        return BASE + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
