package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobState;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Eye;
import io.penstock.server.search.Fingerprint;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.Scope;
import io.penstock.server.search.Search;
import io.penstock.server.wire.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters by what killed them, counted over the newest of each queue.
 *
 * <p>Bound: it looks as long as a search does ({@link Search#BUDGET}); {@code complete} tells whether those were all there are.
 */
final class DeadApi {
    /** Ids shown for each group. */
    private static final int SAMPLES = 5;

    private final Engine engine;

    DeadApi(Engine engine) {
        this.engine = engine;
    }

    Route route() {
        return Route.get("/api/v1/dead/groups", this::groups)
                .query("queue", "limit")
                .asNarrow();
    }

    /** Jobs that died of the same. */
    private static final class Group {
        final String fingerprint;
        final JobError first;
        final Map<String, Integer> queues = new TreeMap<>();
        final Map<String, Integer> types = new TreeMap<>();
        final List<String> samples = new ArrayList<>();
        int count;

        @Nullable
        Instant earliest;

        @Nullable
        Instant latest;

        Group(String fingerprint, JobError first) {
            this.fingerprint = fingerprint;
            this.first = first;
        }

        void add(Job job) {
            count++;
            queues.merge(job.id().queue(), 1, Integer::sum);
            types.merge(job.type(), 1, Integer::sum);
            if (samples.size() < SAMPLES) {
                samples.add(job.id().toString());
            }
            Instant at = job.finishedAt();
            if (at != null) {
                earliest = earliest == null || at.isBefore(earliest) ? at : earliest;
                latest = latest == null || at.isAfter(latest) ? at : latest;
            }
        }
    }

    private Reply groups(Call call) {
        String queue = call.query("queue");
        JobFilter failed = JobFilter.ANY.in(Set.of(JobState.FAILED));
        Map<String, Group> groups = new LinkedHashMap<>();
        Search.Count looked = new Search(
                        engine, queue == null ? failed : failed.of(Given.queue(call, queue)), Scope.of(call.caller()))
                .each(job -> {
                    JobError error = job.error() == null ? new JobError("unknown", "", null) : job.error();
                    groups.computeIfAbsent(Fingerprint.of(error), print -> new Group(print, error))
                            .add(job);
                });
        List<Group> page = groups.values().stream()
                .sorted(Comparator.comparingInt((Group group) -> group.count).reversed())
                .limit(call.limit())
                .toList();
        Eye eye = call.eye();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Group group : page) {
                write(json, group, eye);
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeNumberField("scanned", looked.looked());
            json.writeBooleanField("complete", looked.complete());
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, Group group, Eye eye) throws IOException {
        json.writeStartObject();
        json.writeStringField("fingerprint", group.fingerprint);
        json.writeStringField("type", group.first.type());
        Json.text(json, "message", Fingerprint.pattern(String.valueOf(eye.text(group.first.message()))));
        json.writeNumberField("count", group.count);
        counts(json, "queues", group.queues);
        counts(json, "types", group.types);
        Json.instant(json, "firstFailedAt", group.earliest);
        Json.instant(json, "lastFailedAt", group.latest);
        json.writeArrayFieldStart("sample");
        for (String id : group.samples) {
            json.writeString(id);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void counts(JsonGenerator json, String name, Map<String, Integer> counts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            json.writeNumberField(count.getKey(), count.getValue());
        }
        json.writeEndObject();
    }
}
