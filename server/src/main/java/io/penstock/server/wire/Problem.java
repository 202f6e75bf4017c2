package io.penstock.server.wire;

import io.penstock.job.Enqueued;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A refusal on its way to the client, answered as RFC 9457 problem+json.
 *
 * <p>It carries no stack trace: it tells the client what is wrong with the request and nobody what is wrong here.
 */
public final class Problem extends RuntimeException {
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

    public static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, null, type.status() == 503 ? SOON : null, Map.of());
    }

    /** Refuses for now. */
    public static Problem later(ProblemType type, String detail, Duration retryAfter) {
        return new Problem(type, detail, null, retryAfter.isZero() ? null : retryAfter, Map.of());
    }

    /** Returns the same with one more header of its answer. */
    public Problem header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Problem(type, detail(), pointer, retryAfter, more);
    }

    /**
     * Refuses a field.
     *
     * @param pointer JSON pointer to the field at fault
     */
    public static Problem at(String pointer, ProblemType type, String detail) {
        return new Problem(type, detail, pointer, null, Map.of());
    }

    public static Problem invalid(String pointer, String detail) {
        return at(pointer, ProblemType.INVALID_VALUE, detail);
    }

    public static Problem notFound(String what, String name) {
        return of(
                ProblemType.NOT_FOUND, what + " \"" + name + "\" does not exist; nothing was done; list what there is");
    }

    public static Problem methodNotAllowed(String method, String path, List<String> allowed) {
        String all = String.join(", ", allowed);
        return new Problem(
                ProblemType.METHOD_NOT_ALLOWED,
                method + " is not known at " + path + "; nothing was done; use " + all,
                null,
                null,
                Map.of("Allow", all));
    }

    public static Problem unauthorized(String detail) {
        return new Problem(ProblemType.UNAUTHORIZED, detail, null, null, Map.of("WWW-Authenticate", "Bearer"));
    }

    /** Says in HTTP what the queue said to the producer. */
    public static Problem refused(Enqueued.Refused refused) {
        ProblemType type = switch (refused.reason()) {
            case QUEUE_FULL, QUEUE_BYTES -> ProblemType.QUEUE_FULL;
            case DRAINING -> ProblemType.QUEUE_DRAINING;
            case REDIS_FULL -> ProblemType.REDIS_FULL;
            case REDIS_UNREACHABLE -> ProblemType.REDIS_UNREACHABLE;
            case MEMORY_PRESSURE -> ProblemType.MEMORY_PRESSURE;
            case BUFFER_FULL, PAYLOAD_STORE -> ProblemType.BUSY;
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

    public ProblemType type() {
        return type;
    }

    public String detail() {
        String detail = getMessage();
        return detail == null ? type.title() : detail;
    }

    /** Returns whole seconds for Retry-After, 0 = trying again does not help. */
    public long retryAfterSeconds() {
        return retryAfter == null ? 0 : Math.max(1, (retryAfter.toMillis() + 999) / 1000);
    }

    /** Returns the pointer to the field at fault, or null. */
    public @Nullable String pointer() {
        return pointer;
    }

    /** Returns further headers of the answer. */
    public Map<String, String> headers() {
        return headers;
    }

    /** The answer to whoever names a lease that is over or never was. */
    public static Problem leaseLost() {
        return of(
                ProblemType.LEASE_LOST,
                "the lease is over: all its jobs are done, its deadline passed, or the server was started anew; nothing was done and the"
                        + " jobs go to others; drop what is still running of them and take new ones");
    }

    /** Returns what went wrong without the wrapping of stages. */
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
