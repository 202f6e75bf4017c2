package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.Map;

/** Shows the wish for a job as {@link JobInput} reads it. */
final class JobWish {
    private JobWish() {}

    static void write(JsonGenerator json, JobSpec spec, Eye eye) throws IOException {
        JobOptions options = spec.options();
        json.writeStartObject();
        json.writeStringField("queue", spec.queue());
        json.writeStringField("type", spec.type());
        Json.raw(json, "payload", spec.encoding().isEmpty() ? eye.value(spec.payload()) : null);
        if (options.priority() != null) {
            json.writeStringField("priority", options.priority().wire());
        }
        if (options.maxAttempts() != null) {
            json.writeNumberField("maxAttempts", options.maxAttempts());
        }
        if (options.group() != null) {
            Json.text(json, "group", eye.text(options.group()));
        }
        if (!options.metadata().isEmpty()) {
            json.writeObjectFieldStart("metadata");
            for (Map.Entry<String, String> note : eye.notes(options.metadata()).entrySet()) {
                json.writeStringField(note.getKey(), note.getValue());
            }
            json.writeEndObject();
        }
        JobView.options(json, options, eye);
        json.writeEndObject();
    }
}
