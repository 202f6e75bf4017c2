package io.penstock.server.http;

import io.penstock.job.JobId;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Spans;
import io.penstock.server.wire.Text;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads names, ids and moments out of paths and queries. */
public final class Given {
    private Given() {}

    /**
     * Reads the {@code {queue}} of the path.
     *
     * @throws Problem INVALID_VALUE if it is no legal name
     */
    public static String queue(Call call) {
        return queue(call.path("queue"));
    }

    /**
     * Checks the name of a queue.
     *
     * @throws Problem INVALID_VALUE if it is no legal name
     */
    public static String queue(String name) {
        return checked("queue", name);
    }

    /**
     * Checks a name.
     *
     * @param what what is named, for the message
     * @throws Problem INVALID_VALUE if it is no legal name
     */
    public static String checked(String what, String name) {
        try {
            return io.penstock.job.Names.check(what, name);
        } catch (IllegalArgumentException illegal) {
            throw Problem.of(ProblemType.INVALID_VALUE, String.valueOf(illegal.getMessage()));
        }
    }

    /**
     * Checks the name of a queue that is somewhere else than in the path.
     *
     * @throws Problem INVALID_VALUE if it is no legal name, FORBIDDEN if it is not one of the caller's
     */
    public static String queue(Call call, String name) {
        String legal = queue(name);
        call.caller().check(legal);
        return legal;
    }

    /**
     * Reads the {@code {id}} of the path.
     *
     * @throws Problem NOT_FOUND if it can be no job's, FORBIDDEN if its queue is not one of the caller's
     */
    public static JobId job(Call call) {
        JobId id;
        try {
            id = JobId.parse(call.path("id"));
        } catch (IllegalArgumentException foreign) {
            throw Problem.of(ProblemType.NOT_FOUND, String.valueOf(foreign.getMessage()));
        }
        call.caller().check(id.queue());
        return id;
    }

    /** Returns a moment of the query in milliseconds: an instant, or a duration for so long ago; never in the future. */
    public static long moment(Call call, String name, long now, long fallback) {
        @Nullable String text = call.query(name);
        if (text == null) {
            return fallback;
        }
        try {
            long at = text.matches("[0-9].*[dhms]|P.*")
                    ? now - Spans.parse(text).toMillis()
                    : OffsetDateTime.parse(text).toInstant().toEpochMilli();
            return Math.max(0, Math.min(now, at));
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException illegal) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter " + name + " \"" + Text.shown(text)
                            + "\" is neither an RFC 3339 instant nor a duration; nothing was read; send"
                            + " 2030-01-31T12:00:00Z, or 15m for so long ago");
        }
    }

    /**
     * Checks that a span is one.
     *
     * @throws Problem INVALID_VALUE if its begin is after its end
     */
    public static void ordered(long from, long to) {
        if (from > to) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "from " + Instant.ofEpochMilli(from) + " is after to " + Instant.ofEpochMilli(to)
                            + "; nothing was read; send them the other way round");
        }
    }
}
