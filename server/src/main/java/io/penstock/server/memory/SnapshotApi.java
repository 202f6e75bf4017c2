package io.penstock.server.memory;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.Snapshot;
import io.penstock.memory.leak.ClassGrowth;
import io.penstock.memory.probe.ClassHistogram;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots and class histograms over HTTP.
 *
 * <p>A histogram stops the program, so only one is taken at a time, whoever asks.
 */
final class SnapshotApi {
    private static final String PATH = "/api/v1/memory/snapshots";
    private static final int TOP = 50;
    private static final int MOST_TOP = 1_000;

    /** Classes that are compared with the first histogram; number 1,000 of a large heap holds a few KB. */
    private static final int COMPARED = 1_000;

    private final MemoryGovernor memory;
    private final Clock clock;
    private final AtomicBoolean taking = new AtomicBoolean();

    SnapshotApi(MemoryGovernor memory, Clock clock) {
        this.memory = memory;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/memory/histogram", this::histogram)
                        .query("top", "estimate")
                        .by(Access.OPERATE), // it stops the program, whatever its method says
                Route.get(PATH, this::list).query("cursor", "limit").asNarrow(),
                Route.post(PATH, this::take).creating(),
                Route.get(PATH + "/{id}", this::get).asNarrow());
    }

    /** Nobody knows the live set before the first collection: then what is used is the most that it can be. */
    private long estimateMillis() {
        long live = memory.monitor().liveBytes();
        Runtime runtime = Runtime.getRuntime();
        return ClassHistogram.estimatePauseMillis(live < 0 ? runtime.totalMemory() - runtime.freeMemory() : live);
    }

    private <T> T alone(Supplier<T> taker) {
        long estimate = estimateMillis();
        if (!taking.compareAndSet(false, true)) {
            throw Problem.later(
                    ProblemType.CONFLICT,
                    "a class histogram is being taken, and only one may stop the program at a time; nothing was stopped;"
                            + " ask again in a moment",
                    Duration.ofMillis(Math.max(1_000, estimate)));
        }
        try {
            return taker.get();
        } finally {
            taking.set(false);
        }
    }

    private record Taken(ClassHistogram histogram, long millis, List<ClassGrowth> growth) {}

    private Reply histogram(Call call) {
        int top = call.query("top", TOP, 1, MOST_TOP);
        String only = call.query("estimate");
        if (only != null && !only.equals("true") && !only.equals("false")) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "query parameter estimate \"" + Text.shown(only)
                            + "\" is neither true nor false; nothing was stopped; send true to learn the pause only");
        }
        long estimate = estimateMillis();
        long at = clock.millis();
        Taken taken = "true".equals(only) ? null : alone(this::classes);
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.instant(json, "timestamp", Instant.ofEpochMilli(at));
            json.writeNumberField("estimatedPauseMillis", estimate);
            if (taken != null) {
                json.writeNumberField("pauseMillis", taken.millis());
                classes(json, taken.histogram(), top);
                LeakJson.growth(json, "growth", taken.growth());
            }
            json.writeEndObject();
        });
    }

    private Taken classes() {
        long begin = clock.nanos();
        ClassHistogram histogram = ClassHistogram.take(COMPARED);
        long millis = (clock.nanos() - begin) / 1_000_000;
        Map<String, long[]> live = new HashMap<>();
        histogram.classes().forEach(each -> live.put(each.className(), new long[] {each.instances(), each.bytes()}));
        return new Taken(histogram, millis, memory.leaks().histogram(live));
    }

    private static void classes(JsonGenerator json, ClassHistogram histogram, int most) throws IOException {
        json.writeNumberField("totalInstances", histogram.totalInstances());
        json.writeNumberField("totalBytes", histogram.totalBytes());
        json.writeArrayFieldStart("classes");
        for (ClassHistogram.Entry entry :
                histogram.classes().stream().limit(most).toList()) {
            json.writeStartObject();
            json.writeStringField("className", entry.className());
            json.writeNumberField("instances", entry.instances());
            json.writeNumberField("bytes", entry.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private Reply list(Call call) {
        List<Snapshot> all = memory.snapshots().list();
        List<Snapshot> left = all;
        String cursor = call.query("cursor");
        if (cursor != null) {
            int at = all.stream().map(Snapshot::id).toList().indexOf(cursor);
            if (at < 0) {
                throw Problem.of(
                        ProblemType.INVALID_VALUE,
                        "cursor \"" + Text.shown(cursor) + "\" names no snapshot that is kept; begin again without it");
            }
            left = all.subList(at + 1, all.size());
        }
        List<Snapshot> page = left.stream().limit(call.limit()).toList();
        boolean more = left.size() > page.size();
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", page, snapshot -> {
                head(json, snapshot);
            });
            Json.text(json, "next", more ? page.get(page.size() - 1).id() : null);
            json.writeEndObject();
        });
    }

    private static void head(JsonGenerator json, Snapshot snapshot) throws IOException {
        json.writeStringField("id", snapshot.id());
        Json.instant(json, "timestamp", Instant.ofEpochMilli(snapshot.atMillis()));
        json.writeStringField("level", snapshot.sample().level().name());
        Json.known(json, "heapUsedBytes", snapshot.sample().heapUsedBytes());
        Json.known(json, "rssBytes", snapshot.sample().rssBytes());
        json.writeBooleanField("hasHistogram", snapshot.histogram() != null);
    }

    private Reply take(Call call) {
        Boolean wished = call.hasBody()
                ? Fields.of(Json.value(Slice.of(call.body())), Set.of("histogram"))
                        .flag("histogram")
                : null;
        boolean histogram = Boolean.TRUE.equals(wished);
        Snapshot taken = histogram
                ? alone(() -> memory.snapshots().take(true))
                : memory.snapshots().take(false);
        return Reply.json(201, json -> whole(json, taken)).header("Location", PATH + "/" + taken.id());
    }

    private Reply get(Call call) {
        String id = call.path("id");
        @Nullable Snapshot snapshot = memory.snapshots().find(id).orElse(null);
        if (snapshot == null) {
            throw Problem.notFound("snapshot", Text.shown(id));
        }
        return Reply.ok(json -> whole(json, snapshot));
    }

    private static void whole(JsonGenerator json, Snapshot snapshot) throws IOException {
        json.writeStartObject();
        head(json, snapshot);
        json.writeFieldName("sample");
        SampleJson.write(json, snapshot.sample());
        json.writeFieldName("monitor");
        SampleJson.monitor(json, snapshot.monitor());
        ClassHistogram histogram = snapshot.histogram();
        if (histogram == null) {
            json.writeNullField("histogram");
        } else {
            json.writeObjectFieldStart("histogram");
            json.writeNumberField("pauseMillis", snapshot.histogramMillis());
            classes(json, histogram, MOST_TOP);
            json.writeEndObject();
        }
        json.writeObjectFieldStart("jobTypes");
        for (Map.Entry<String, Long> type : snapshot.jobTypes().entrySet()) {
            json.writeNumberField(type.getKey(), type.getValue());
        }
        json.writeEndObject();
        SampleJson.events(json, snapshot.events());
        json.writeEndObject();
    }
}
