package io.penstock.server.operation;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.JobState;
import io.penstock.queue.JobSweep.Action;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.Scope;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an operation is to do; never changes.
 *
 * @param filter which jobs; null = those whose ids are written beside it
 * @param ids how many ids
 * @param scope queues that whoever asked may touch
 * @param by name of whoever asked
 */
record Plan(String id, Action action, @Nullable JobFilter filter, int ids, Scope scope, String by, Instant createdAt) {
    private static final Set<String> FIELDS = Set.of("id", "action", "filter", "ids", "scope", "by", "createdAt");
    private static final Set<String> FILTER =
            Set.of("queue", "state", "id", "type", "group", "error", "key", "words", "before");

    /** Values of a filter, states and words; far above what is accepted. */
    private static final int MOST_VALUES = 1_000;

    static String wire(Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the states in which the action can do something. */
    static Set<JobState> suits(Action action) {
        return switch (action) {
            case RETRY -> Set.of(JobState.FAILED, JobState.CANCELLED);
            case REQUEUE -> Set.of(JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED);
            case CANCEL -> Set.of(JobState.WAITING, JobState.DELAYED, JobState.BLOCKED, JobState.ACTIVE);
            case PROMOTE -> Set.of(JobState.DELAYED, JobState.BLOCKED);
            case DELETE ->
                Set.of(
                        JobState.WAITING,
                        JobState.DELAYED,
                        JobState.BLOCKED,
                        JobState.COMPLETED,
                        JobState.FAILED,
                        JobState.CANCELLED);
        };
    }

    byte[] encode() {
        return Json.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("id", id);
            json.writeStringField("action", wire(action));
            json.writeStringField("by", by);
            json.writeStringField("createdAt", createdAt.toString());
            json.writeNumberField("ids", ids);
            texts(json, "scope", scope.patterns());
            if (filter != null) {
                filter(json, filter);
            }
            json.writeEndObject();
        });
    }

    /** Writes a filter as people see it, too. */
    static void filter(JsonGenerator json, JobFilter filter) throws IOException {
        json.writeObjectFieldStart("filter");
        text(json, "queue", filter.queue());
        Set<String> states = new TreeSet<>();
        filter.states().forEach(state -> states.add(state.wire()));
        texts(json, "state", states);
        text(json, "id", filter.id());
        text(json, "type", filter.type());
        text(json, "group", filter.group());
        text(json, "error", filter.error());
        text(json, "key", filter.key());
        texts(json, "words", filter.words());
        text(json, "before", filter.before() == null ? null : filter.before().toString());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable String text) throws IOException {
        if (text != null) {
            json.writeStringField(name, text);
        }
    }

    private static void texts(JsonGenerator json, String name, Iterable<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    static Plan decode(byte[] bytes) {
        Fields fields = Fields.of(Slice.of(bytes), FIELDS);
        Fields filter = fields.object("filter", FILTER);
        return new Plan(
                fields.requiredText("id"),
                Action.valueOf(fields.requiredText("action").toUpperCase(Locale.ROOT)),
                filter == null ? null : filter(filter),
                Objects.requireNonNullElse(fields.count("ids", 0, Integer.MAX_VALUE), 0),
                new Scope(texts(fields, "scope")),
                fields.requiredText("by"),
                Objects.requireNonNull(fields.instant("createdAt")));
    }

    private static JobFilter filter(Fields fields) {
        Set<JobState> states = new LinkedHashSet<>();
        texts(fields, "state").forEach(state -> states.add(JobState.of(state)));
        return new JobFilter(
                fields.text("queue"),
                states,
                fields.text("id"),
                fields.text("type"),
                fields.text("group"),
                fields.text("error"),
                fields.text("key"),
                texts(fields, "words"),
                fields.instant("before"));
    }

    private static List<String> texts(Fields fields, String name) {
        return Objects.requireNonNullElse(fields.texts(name, MOST_VALUES), List.of());
    }
}
