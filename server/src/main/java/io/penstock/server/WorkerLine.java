package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.queue.WorkerView;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A worker incarnation of one queue as it is shown.
 *
 * @param id {@code queue-number}
 * @param name as the worker calls itself, null before its first report
 * @param report JSON as the worker sent it, null before the first
 */
@SuppressWarnings("ArrayRecordComponent") // shown, not shared
record WorkerLine(WorkerView view, String id, @Nullable String name, byte @Nullable [] report) {
    static WorkerLine of(WorkerView view) {
        String id = view.queue() + "-" + view.number();
        try {
            Slice report = Json.value(Slice.of(view.report().getBytes(StandardCharsets.UTF_8)));
            Map<String, Slice> fields = Json.fields(report);
            Slice name = fields.get("worker");
            return new WorkerLine(view, id, name == null ? null : Fields.text(name), report.copy());
        } catch (Problem foreign) {
            return new WorkerLine(view, id, null, null); // whatever wrote that, it is no report
        }
    }

    boolean named(String wanted) {
        return id.equals(wanted) || wanted.equals(name);
    }

    /** Tells whether the other is of the same worker: a process has a line for each queue that it serves. */
    boolean same(WorkerLine other) {
        return name == null ? id.equals(other.id) : name.equals(other.name);
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        Json.text(json, "name", name);
        json.writeStringField("queue", view.queue());
        Json.instant(json, "leaseUntil", view.leaseUntil());
        Json.instant(json, "seenAt", view.seen());
        json.writeBooleanField("quiet", view.quiet());
        json.writeBooleanField("stopping", view.stopping());
        Json.raw(json, "report", report);
        json.writeEndObject();
    }
}
