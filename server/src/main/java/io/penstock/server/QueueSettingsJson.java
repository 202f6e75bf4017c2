package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.Rate;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The settings of a queue as JSON, whole or the part that changes. */
final class QueueSettingsJson {
    private static final Set<String> FIELDS =
            Set.of("maxJobs", "maxBytes", "maxPayloadBytes", "completed", "failed", "aging", "maxActive", "rate");
    private static final Set<String> KEEP_FIELDS = Set.of("age", "count", "bytes");

    private QueueSettingsJson() {}

    static void write(JsonGenerator json, QueueSettings settings) throws IOException {
        json.writeStartObject();
        json.writeNumberField("maxJobs", settings.maxJobs());
        json.writeNumberField("maxBytes", settings.maxBytes());
        json.writeNumberField("maxPayloadBytes", settings.maxPayloadBytes());
        keep(json, "completed", settings.completed());
        keep(json, "failed", settings.failed());
        Json.duration(json, "aging", settings.aging());
        json.writeNumberField("maxActive", settings.maxActive());
        Rate rate = settings.rate();
        if (rate != null) {
            json.writeObjectFieldStart("rate");
            json.writeNumberField("jobs", rate.jobs());
            Json.duration(json, "per", rate.per());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void keep(JsonGenerator json, String name, QueueSettings.Keep keep) throws IOException {
        json.writeObjectFieldStart(name);
        Json.duration(json, "age", keep.age());
        json.writeNumberField("count", keep.count());
        json.writeNumberField("bytes", keep.bytes());
        json.writeEndObject();
    }

    /** Reads settings; what is not said stays as in {@code base}. */
    static QueueSettings read(Slice slice, QueueSettings base) {
        Fields fields = Fields.of(slice, FIELDS);
        Long jobs = fields.integer("maxJobs", 0, Long.MAX_VALUE);
        Long bytes = fields.integer("maxBytes", 0, Long.MAX_VALUE);
        Integer payload = fields.count("maxPayloadBytes", 0, Integer.MAX_VALUE);
        QueueSettings.Keep completed = keep(fields.object("completed", KEEP_FIELDS), base.completed());
        QueueSettings.Keep failed = keep(fields.object("failed", KEEP_FIELDS), base.failed());
        Duration aging = fields.duration("aging");
        Integer active = fields.count("maxActive", 0, Integer.MAX_VALUE);
        Rate rate = rate(fields.object("rate", Set.of("jobs", "per")), base.rate());
        try {
            return new QueueSettings(
                    jobs == null ? base.maxJobs() : jobs,
                    bytes == null ? base.maxBytes() : bytes,
                    payload == null ? base.maxPayloadBytes() : payload,
                    completed,
                    failed,
                    aging == null ? base.aging() : aging,
                    active == null ? base.maxActive() : active,
                    rate);
        } catch (IllegalArgumentException illegal) {
            throw Problem.invalid("", String.valueOf(illegal.getMessage()));
        }
    }

    /** Jobs of 0 take the rate away. */
    private static @Nullable Rate rate(@Nullable Fields fields, @Nullable Rate base) {
        if (fields == null) {
            return base;
        }
        Integer jobs = fields.count("jobs", 0, Rate.MOST_JOBS);
        Duration per = fields.duration("per");
        if (jobs != null && jobs == 0) {
            return null;
        }
        return fields.guarded(
                "per",
                () -> new Rate(
                        jobs == null ? (base == null ? 1 : base.jobs()) : jobs,
                        per == null ? (base == null ? Duration.ofSeconds(1) : base.per()) : per));
    }

    private static QueueSettings.Keep keep(@Nullable Fields fields, QueueSettings.Keep base) {
        if (fields == null) {
            return base;
        }
        Duration age = fields.duration("age");
        Long count = fields.integer("count", 0, Long.MAX_VALUE);
        Long bytes = fields.integer("bytes", 0, Long.MAX_VALUE);
        return fields.guarded(
                "age",
                () -> new QueueSettings.Keep(
                        age == null ? base.age() : age,
                        count == null ? base.count() : count,
                        bytes == null ? base.bytes() : bytes));
    }
}
