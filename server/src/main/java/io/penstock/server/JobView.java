package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.Attempt;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobOptions;
import io.penstock.job.KeyLimit;
import io.penstock.payload.PayloadCodec;
import io.penstock.server.redact.Eye;
import io.penstock.server.search.Fingerprint;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows a job as JSON, whole or as a line of a list. */
final class JobView {
    /** Bytes of payload and result in a list: enough to tell jobs apart, 500 of them stay under 2 MiB. */
    static final int LISTED_BYTES = 1 << 10;

    private JobView() {}

    /**
     * Writes everything.
     *
     * @param payload opened; null = it cannot be opened here
     * @param eye what whoever looks may see
     */
    static void whole(JsonGenerator json, Job job, byte @Nullable [] payload, Eye eye) throws IOException {
        json.writeStartObject();
        fields(json, job, payload, eye);
        json.writeEndObject();
    }

    /** Writes everything into an object that is open. */
    static void fields(JsonGenerator json, Job job, byte @Nullable [] payload, Eye eye) throws IOException {
        head(json, job, eye);
        sealed(json, "payloadEncoding", job.encoding());
        Json.raw(json, "payload", eye.value(payload));
        sealed(json, "resultEncoding", job.resultEncoding());
        Json.raw(json, "result", eye.value(job.result()));
        error(json, "error", job.error(), true, eye);
        options(json, job.options(), eye);
    }

    /** Writes a line of a list: no stack, and large values only by their size. */
    static void line(JsonGenerator json, Job job, Eye eye) throws IOException {
        json.writeStartObject();
        head(json, job, eye);
        byte[] result = job.result();
        json.writeNumberField("payloadBytes", job.payload().length);
        sealed(json, "payloadEncoding", job.encoding());
        sealed(json, "resultEncoding", job.resultEncoding());
        boolean shown = job.encoding().isEmpty() && job.payload().length <= LISTED_BYTES;
        Json.raw(json, "payload", shown ? eye.value(job.payload()) : null);
        Json.raw(json, "result", result == null || result.length > LISTED_BYTES ? null : eye.value(result));
        error(json, "error", job.error(), false, eye);
        json.writeEndObject();
    }

    /** Writes what was done to a payload or a result, if anything was. */
    private static void sealed(JsonGenerator json, String name, String encoding) throws IOException {
        if (!encoding.isEmpty()) {
            json.writeArrayFieldStart(name);
            for (String word : PayloadCodec.words(encoding)) {
                json.writeString(word);
            }
            json.writeEndArray();
        }
    }

    private static void head(JsonGenerator json, Job job, Eye eye) throws IOException {
        json.writeStringField("id", job.id().toString());
        json.writeStringField("queue", job.id().queue());
        json.writeStringField("type", job.type());
        json.writeStringField("state", job.state().wire());
        json.writeStringField(
                "priority",
                job.options().priority() == null
                        ? "normal"
                        : job.options().priority().wire());
        Json.text(json, "group", eye.text(job.options().group()));
        limit(json, job.options().limit(), eye);
        json.writeNumberField("attempt", job.attempt());
        if (job.maxAttempts() == 0) {
            json.writeNullField("maxAttempts");
        } else {
            json.writeNumberField("maxAttempts", job.maxAttempts());
        }
        json.writeNumberField("deliveries", job.deliveries());
        Json.instant(json, "createdAt", job.createdAt());
        Json.instant(json, "runAt", job.runAt());
        Json.instant(json, "startedAt", job.startedAt());
        Json.instant(json, "finishedAt", job.finishedAt());
        Json.raw(json, "progress", eye.progress(job.progress()));
        Json.text(json, "worker", job.worker());
        json.writeBooleanField("cancelRequested", job.cancelRequested());
        json.writeObjectFieldStart("metadata");
        for (Map.Entry<String, String> note :
                eye.notes(job.options().metadata()).entrySet()) {
            json.writeStringField(note.getKey(), note.getValue());
        }
        json.writeEndObject();
    }

    static void options(JsonGenerator json, JobOptions options, Eye eye) throws IOException {
        Json.duration(json, "timeout", options.timeout());
        json.writeNumberField("memoryBytes", options.memoryBytes());
        if (options.backoff() != null) {
            json.writeObjectFieldStart("backoff");
            json.writeStringField("type", options.backoff().kind().wire());
            Json.duration(json, "delay", options.backoff().delay());
            Json.duration(json, "maxDelay", options.backoff().maxDelay());
            json.writeNumberField("jitter", options.backoff().jitter());
            json.writeEndObject();
        }
        if (options.unique() != null) {
            json.writeObjectFieldStart("unique");
            Json.text(json, "key", eye.text(options.unique().key()));
            json.writeStringField("mode", options.unique().mode().wire());
            Json.duration(json, "ttl", options.unique().ttl());
            json.writeEndObject();
        }
        if (options.retention() != null) {
            json.writeObjectFieldStart("retain");
            Json.duration(json, "completed", options.retention().completed());
            Json.duration(json, "failed", options.retention().failed());
            json.writeEndObject();
        }
    }

    static void attempt(JsonGenerator json, Attempt attempt, Eye eye) throws IOException {
        json.writeStartObject();
        json.writeNumberField("number", attempt.number());
        Json.instant(json, "startedAt", attempt.startedAt());
        Json.instant(json, "finishedAt", attempt.finishedAt());
        Json.text(json, "worker", attempt.worker());
        error(json, "error", attempt.error(), true, eye);
        json.writeEndObject();
    }

    private static void error(JsonGenerator json, String name, @Nullable JobError error, boolean stack, Eye eye)
            throws IOException {
        if (error == null) {
            json.writeNullField(name);
            return;
        }
        json.writeObjectFieldStart(name);
        json.writeStringField("type", error.type());
        Json.text(json, "message", eye.text(error.message()));
        json.writeStringField("fingerprint", Fingerprint.of(error));
        if (stack) {
            Json.text(json, "stack", eye.text(error.stack()));
        }
        json.writeEndObject();
    }

    /** Names the version of everything about a job that an edit may change. */
    static String tag(Job job) {
        String seen = job.id() + " " + job.state() + " " + job.attempt() + " " + job.runAt() + " "
                + job.options().priority() + " " + new String(job.payload(), StandardCharsets.UTF_8);
        return '"' + Digest.hex(seen, 8) + '"';
    }

    private static void limit(JsonGenerator json, @Nullable KeyLimit limit, Eye eye) throws IOException {
        if (limit != null) {
            json.writeObjectFieldStart("limit");
            Json.text(json, "key", eye.text(limit.key()));
            json.writeNumberField("permits", limit.permits());
            json.writeEndObject();
        }
    }
}
