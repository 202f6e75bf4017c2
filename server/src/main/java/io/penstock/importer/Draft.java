package io.penstock.importer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.penstock.job.Backoff;
import io.penstock.job.JobError;
import io.penstock.job.JobOptions;
import io.penstock.job.RetryPolicy;
import io.penstock.server.wire.Spans;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job of the source on its way to become one of ours; filled by its source, or marked as not to be taken. */
final class Draft {
    /** Longest stack of an error that is sent; the server keeps less. */
    private static final int MOST_STACK = JobError.MAX_STACK;

    final Member member;
    final String id;
    String queue;
    String name = "";
    String payload = "{}";
    String priority = "normal";
    int attempts;
    int maxAttempts;

    @Nullable
    Instant runAt;

    @Nullable
    Instant createdAt;

    @Nullable
    Backoff backoff;

    @Nullable
    Duration timeout;

    boolean failed;
    String errorType = "Error";

    @Nullable
    String errorMessage;

    @Nullable
    String errorStack;

    /** What makes it another job than one of the same id at another time. */
    String mark = "";

    final Map<String, String> metadata = new LinkedHashMap<>();
    final List<String> warnings = new ArrayList<>(2);

    /** Why it is not taken; null = it is. */
    @Nullable
    Skip skip;

    /**
     * Why a job is not taken.
     *
     * @param broken it should not be there in this form; otherwise it is left on purpose
     */
    record Skip(String reason, boolean broken) {}

    Draft(Member member, String id, String queue) {
        this.member = member;
        this.id = id;
        this.queue = queue;
    }

    Draft broken(String reason) {
        skip = new Skip(reason, true);
        return this;
    }

    Draft left(String reason) {
        skip = new Skip(reason, false);
        return this;
    }

    void warn(String warning) {
        warnings.add(warning);
    }

    /** Attempts that it may have in all: as many as fit, and one that is left for a job that is to run. */
    void attempts(int made, long most) {
        maxAttempts = (int) Math.max(1, Math.min(RetryPolicy.MOST_ATTEMPTS, most));
        if (most > RetryPolicy.MOST_ATTEMPTS) {
            warn("more than " + RetryPolicy.MOST_ATTEMPTS + " attempts: cut to that");
        }
        attempts = Math.max(0, Math.min(failed ? RetryPolicy.MOST_ATTEMPTS : maxAttempts - 1, made));
    }

    void timeout(long millis) {
        if (millis > JobOptions.LONGEST_TIMEOUT.toMillis()) {
            warn("timeout of more than a day: left out");
        } else if (millis > 0) {
            timeout = Duration.ofMillis(millis);
        }
    }

    /** The line of {@code jobs:import}. */
    ObjectNode line(String toQueue, String type, String origin, Instant now) {
        ObjectNode line = Json.object().put("queue", toQueue).put("type", type);
        line.putRawValue("payload", new RawValue(payload));
        line.put("origin", origin)
                .put("createdAt", instant(createdAt == null || createdAt.isAfter(now) ? now : createdAt));
        if (attempts > 0) {
            line.put("attempt", attempts);
        }
        if (maxAttempts > 0) {
            line.put("maxAttempts", maxAttempts);
        }
        if (!priority.equals("normal")) {
            line.put("priority", priority);
        }
        if (runAt != null && !failed) {
            line.put("runAt", instant(runAt));
        }
        if (backoff != null) {
            line.putObject("backoff")
                    .put("type", backoff.kind().wire())
                    .put("delay", Spans.format(backoff.delay()))
                    .put("maxDelay", Spans.format(backoff.maxDelay()))
                    .put("jitter", backoff.jitter());
        }
        if (timeout != null) {
            line.put("timeout", Spans.format(timeout));
        }
        if (failed) {
            ObjectNode error = line.putObject("error").put("type", errorType).put("message", message());
            if (errorStack != null) {
                error.put("stack", cut(errorStack, MOST_STACK));
            }
        } else if (errorMessage != null) {
            metadata.put("import.error", cut(errorType + ": " + errorMessage, JobOptions.MAX_METADATA_TEXT));
        }
        metadata.forEach(line.withObject("/metadata")::put);
        return line;
    }

    private String message() {
        return errorMessage == null || errorMessage.isEmpty()
                ? "the source kept no reason"
                : cut(errorMessage, JobError.MAX_MESSAGE);
    }

    void note(String key, @Nullable String value) {
        if (value != null && !value.isEmpty() && metadata.size() < JobOptions.MAX_METADATA - 1) {
            metadata.put(key, cut(value, JobOptions.MAX_METADATA_TEXT));
        }
    }

    private static String instant(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = most - 3;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "...";
    }
}
