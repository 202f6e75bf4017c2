package io.penstock.examples.chat;

import io.penstock.job.Enqueued;
import io.penstock.limit.Answer;
import java.time.Duration;

/** An answer that is no: its status, what kind it is, what to do, and when to come again. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final Duration retryAfter;

    Problem(int status, String type, String detail, Duration retryAfter) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
        this.retryAfter = retryAfter;
    }

    static Problem of(int status, String type, String detail) {
        return new Problem(status, type, detail, Duration.ZERO);
    }

    static Problem notFound(String what) {
        return of(404, "not-found", what + " is not there; nothing was done");
    }

    static Problem illegal(String detail) {
        return of(400, "illegal", detail + "; nothing was done; correct it");
    }

    /** A limit said no. */
    static Problem denied(String type, Answer.Denied no) {
        return new Problem(
                429, type, "the limit " + type + " is used up; nothing was done; come again later", no.retryAfter());
    }

    /** Penstock refused a job, and said why: whose fault it is decides the status. */
    static Problem refused(Enqueued.Refused no) {
        int status = switch (no.reason()) {
            case QUEUE_FULL, QUEUE_BYTES -> 429;
            case TOO_LARGE -> 413;
            case REDIS_FULL -> 507;
            default -> 503;
        };
        return new Problem(status, no.reason().wire(), no.message(), no.retryAfter());
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    /** Zero = nothing to wait for. */
    Duration retryAfter() {
        return retryAfter;
    }
}
