package io.penstock.server.memory;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.leak.ClassGrowth;
import io.penstock.memory.leak.LeakReport;
import io.penstock.memory.leak.OldObject;
import io.penstock.memory.leak.OpenCount;
import io.penstock.memory.trend.FloorTrend;
import io.penstock.memory.trend.MemoryTrend;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the live set is going, and what is known of leaks, as JSON. */
final class LeakJson {
    /** Kinds shown; a server has a handful, a plug-in may count as it likes. */
    private static final int MOST_KINDS = 100;

    private LeakJson() {}

    static void trend(JsonGenerator json, MemoryTrend trend) throws IOException {
        boolean known = trend.valleys() >= FloorTrend.LEAST_POINTS;
        json.writeStartObject();
        json.writeBooleanField("known", known);
        Json.rounded(json, "slopeBytesPerSecond", known ? trend.slopeBytesPerSecond() : Double.NaN);
        Json.rounded(json, "slopeLowBytesPerSecond", known ? trend.lowerBytesPerSecond() : Double.NaN);
        Json.rounded(json, "slopeHighBytesPerSecond", known ? trend.upperBytesPerSecond() : Double.NaN);
        Json.rounded(json, "z", known ? trend.z() : Double.NaN);
        json.writeNumberField("windowSeconds", trend.window().toSeconds());
        json.writeNumberField("floors", trend.valleys());
        json.writeNumberField("floorsNeeded", FloorTrend.LEAST_POINTS);
        Json.known(json, "floorBytes", trend.floorBytes());
        json.writeBooleanField("growing", trend.growing());
        json.writeBooleanField("lasting", trend.lasting());
        json.writeBooleanField("saturating", trend.saturating());
        Json.known(json, "timeToFullSeconds", timeToFull(trend));
        Json.known(json, "timeToFullLowSeconds", seconds(trend.timeToFullLow()));
        Json.known(json, "timeToFullHighSeconds", seconds(trend.timeToFullHigh()));
        json.writeEndObject();
    }

    private static long seconds(@Nullable Duration span) {
        return span == null ? -1 : span.toSeconds();
    }

    /** At the median slope: the soonest time is that of the steepest slope, so the room is their product. */
    private static long timeToFull(MemoryTrend trend) {
        long low = seconds(trend.timeToFullLow());
        long high = seconds(trend.timeToFullHigh());
        if (low < 0 || trend.slopeBytesPerSecond() <= 0) {
            return low;
        }
        long middle = (long) (low * trend.upperBytesPerSecond() / trend.slopeBytesPerSecond());
        return Math.max(low, high < 0 ? middle : Math.min(high, middle));
    }

    static void leak(JsonGenerator json, LeakReport leak) throws IOException {
        json.writeStartObject();
        json.writeStringField("verdict", leak.verdict().name());
        texts(json, "evidence", leak.evidence());
        json.writeNumberField("markings", leak.markings());
        Json.objects(json, "jobs", leak.jobs(), type -> {
            json.writeStringField("type", type.jobType());
            json.writeNumberField("watched", type.watched());
            json.writeNumberField("retained", type.retained());
            json.writeNumberField("releasedLate", type.releasedLate());
            json.writeBooleanField("named", type.named());
        });
        open(json, leak.open());
        growth(json, "classes", leak.classes());
        oldObjects(json, leak.oldObjects());
        json.writeEndObject();
    }

    static void oldObjects(JsonGenerator json, List<OldObject> found) throws IOException {
        Json.objects(json, "oldObjects", found, old -> {
            json.writeStringField("className", old.className());
            json.writeNumberField("samples", old.samples());
            json.writeNumberField("oldestSeconds", old.oldest().toSeconds());
        });
    }

    private static void open(JsonGenerator json, List<OpenCount> counts) throws IOException {
        Json.objects(json, "open", counts.stream().limit(MOST_KINDS).toList(), kind -> {
            json.writeStringField("kind", kind.kind());
            json.writeNumberField("open", kind.open());
            json.writeNumberField("opened", kind.opened());
            json.writeNumberField("closed", kind.closed());
            json.writeNumberField("lostHandles", kind.lostHandles());
            json.writeBooleanField("growing", kind.growing());
        });
    }

    static void growth(JsonGenerator json, String name, List<ClassGrowth> classes) throws IOException {
        Json.objects(json, name, classes, type -> {
            json.writeStringField("className", type.className());
            json.writeNumberField("instances", type.instances());
            json.writeNumberField("bytes", type.bytes());
        });
    }

    static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
