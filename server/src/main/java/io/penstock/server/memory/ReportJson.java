package io.penstock.server.memory;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.optimise.Optimiser;
import io.penstock.memory.optimise.OptimiserStats;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reports of optimisations and their sum, as JSON; what nobody could measure is null. */
final class ReportJson {
    private ReportJson() {}

    static void write(JsonGenerator json, Optimisation report) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", report.id());
        json.writeStringField("status", "done");
        json.writeStringField("strategy", report.strategy());
        json.writeStringField("trigger", report.trigger().name().toLowerCase(Locale.ROOT));
        json.writeStringField("reason", report.reason());
        Json.instant(json, "startedAt", report.startedAt());
        json.writeNumberField("durationMillis", report.durationMillis());
        reading(json, "before", report.before());
        reading(json, "after", report.after());
        json.writeNumberField("freedBytes", report.freedBytes());
        json.writeBooleanField("measured", report.measured());
        json.writeNumberField("rssReturnedBytes", report.rssReturnedBytes());
        json.writeBooleanField("success", report.success());
        Json.objects(json, "steps", report.steps(), step -> {
            json.writeStringField("name", step.name());
            Json.known(json, "freedBytes", step.freedBytes());
            json.writeNumberField("durationMillis", step.durationMillis());
            json.writeBooleanField("ok", step.ok());
            Json.text(json, "error", step.error().isEmpty() ? null : step.error());
        });
        json.writeStringField("outcome", report.outcome());
        json.writeEndObject();
    }

    private static void reading(JsonGenerator json, String name, Optimisation.Reading reading) throws IOException {
        json.writeObjectFieldStart(name);
        Json.known(json, "heapUsedBytes", reading.usedBytes());
        Json.known(json, "liveSetBytes", reading.liveSetBytes());
        Json.known(json, "heapMaxBytes", reading.maxBytes());
        Json.known(json, "rssBytes", reading.rssBytes());
        json.writeEndObject();
    }

    /** @param last the newest report, null = there is none */
    static void stats(
            JsonGenerator json, Optimiser optimiser, OptimiserStats stats, boolean here, @Nullable Optimisation last)
            throws IOException {
        json.writeStartObject();
        json.writeBooleanField("here", here);
        Json.text(json, "underway", optimiser.underway().orElse(null));
        json.writeNumberField("runs", stats.runs());
        json.writeNumberField("successful", stats.successful());
        json.writeNumberField("useful", stats.useful());
        json.writeNumberField("refused", stats.refused());
        json.writeNumberField("freedBytes", stats.freedBytes());
        json.writeNumberField("rssReturnedBytes", stats.rssReturnedBytes());
        json.writeNumberField("hangingSteps", stats.hanging());
        json.writeBooleanField("helping", stats.helping());
        Json.duration(json, "spacing", stats.spacing());
        json.writeStringField("advice", stats.advice());
        Json.objects(json, "strategies", stats.gains(), gain -> {
            json.writeStringField("strategy", gain.strategy());
            json.writeNumberField("runs", gain.runs());
            json.writeNumberField("useful", gain.useful());
            json.writeNumberField("freedBytes", gain.freedBytes());
            json.writeNumberField("rssReturnedBytes", gain.rssReturnedBytes());
            json.writeNumberField("millis", gain.millis());
        });
        json.writeFieldName("last");
        if (last == null) {
            json.writeNull();
        } else {
            write(json, last);
        }
        json.writeEndObject();
    }
}
