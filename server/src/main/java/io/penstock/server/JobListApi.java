package io.penstock.server;

import io.penstock.job.Job;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.redact.Eye;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.Scope;
import io.penstock.server.search.Search;
import io.penstock.server.search.SearchText;
import io.penstock.server.wire.Json;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in a list: queue after queue, state after state, newest first where the state has an order; all of them, or those that
 * fit a search.
 */
final class JobListApi {
    private final Engine engine;

    JobListApi(Engine engine) {
        this.engine = engine;
    }

    Route route() {
        return Route.get("/api/v1/jobs", this::list)
                .query("q", "queue", "state", "type", "group", "cursor", "limit")
                .asNarrow();
    }

    private Reply list(Call call) {
        JobFilter filter = SearchText.read(call.query("q"), given(call));
        Search.Found found =
                new Search(engine, filter, Scope.of(call.caller())).page(call.query("cursor"), call.limit());
        Eye eye = call.eye();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Job job : found.jobs()) {
                JobView.line(json, job, eye);
            }
            json.writeEndArray();
            Json.text(json, "next", found.next());
            json.writeNumberField("scanned", found.looked());
            json.writeBooleanField("complete", found.next() == null);
            json.writeEndObject();
        });
    }

    private static Map<String, @Nullable String> given(Call call) {
        Map<String, @Nullable String> given = new HashMap<>();
        String queue = call.query("queue");
        given.put("queue", queue == null ? null : Given.queue(call, queue));
        given.put("type", name(call, "type"));
        given.put("group", name(call, "group"));
        given.put("state", call.query("state"));
        return given;
    }

    private static @Nullable String name(Call call, String name) {
        String given = call.query(name);
        return given == null ? null : Given.checked(name, given);
    }
}
