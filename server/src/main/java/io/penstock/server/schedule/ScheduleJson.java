package io.penstock.server.schedule;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.schedule.Rhythm;
import io.penstock.schedule.Schedule;
import io.penstock.schedule.ScheduleView;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.util.Locale;

/** Shows schedules as JSON. */
final class ScheduleJson {
    private ScheduleJson() {}

    /** Writes the fields of a schedule but for its job. */
    static void fields(JsonGenerator json, ScheduleView view) throws IOException {
        Schedule schedule = view.schedule();
        json.writeStringField("id", schedule.id());
        json.writeStringField("status", view.status().wire());
        words(json, schedule);
        rhythm(json, schedule.rhythm());
        json.writeStringField("zone", schedule.zone().getId());
        json.writeStringField("misfire", schedule.misfire().wire());
        if (schedule.misfire() == Schedule.Misfire.CATCH_UP) {
            json.writeNumberField("catchUp", schedule.catchUp());
        }
        json.writeStringField("overlap", schedule.overlap().wire());
        Json.duration(json, "jitter", schedule.jitter());
        Json.instant(json, "start", schedule.start());
        Json.instant(json, "end", schedule.end());
        json.writeArrayFieldStart("skip");
        for (String day : schedule.skip().entries()) {
            json.writeString(day);
        }
        json.writeEndArray();
        json.writeStringField("origin", view.definedBy() == null ? "operator" : "code");
        Json.text(json, "definedBy", view.definedBy());
        Json.instant(json, "createdAt", view.createdAt());
        Json.instant(json, "changedAt", view.changedAt());
        Json.instant(json, "next", view.next());
        Json.instant(json, "nextAt", view.nextAt());
        Json.instant(json, "lastRun", view.lastRun());
        Json.text(
                json, "lastJob", view.lastJob() == null ? null : view.lastJob().toString());
        json.writeNumberField("enqueued", view.enqueued());
        json.writeNumberField("overlapped", view.overlapped());
        json.writeNumberField("missed", view.missed());
        Json.text(json, "problem", view.problem());
    }

    /** Writes when it runs, in the languages there are. */
    static void words(JsonGenerator json, Schedule schedule) throws IOException {
        json.writeStringField("description", schedule.describe(Locale.ENGLISH));
        json.writeObjectFieldStart("descriptions");
        json.writeStringField("en", schedule.describe(Locale.ENGLISH));
        json.writeStringField("zh", schedule.describe(Locale.CHINESE));
        json.writeEndObject();
    }

    private static void rhythm(JsonGenerator json, Rhythm rhythm) throws IOException {
        if (rhythm instanceof Rhythm.ByCron by) {
            json.writeStringField("cron", by.cron().toString());
            json.writeStringField("clockChange", by.clockChange().wire());
        } else if (rhythm instanceof Rhythm.Every every) {
            Json.duration(json, "every", every.period());
        } else if (rhythm instanceof Rhythm.FixedDelay delay) {
            Json.duration(json, "fixedDelay", delay.pause());
        }
    }
}
