package io.penstock.server;

import io.penstock.job.JobId;
import io.penstock.job.Payload;
import io.penstock.queue.Change;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.util.Optional;
import java.util.Set;

/** What jobs are told from outside, over HTTP. */
final class SignalApi {
    private static final Set<String> KNOWN = Set.of("payload");
    private static final byte[] NOTHING_MORE = {'t', 'r', 'u', 'e'};

    private final Engine engine;

    SignalApi(Engine engine) {
        this.engine = engine;
    }

    Route route() {
        return Route.post("/api/v1/jobs/{id}/signals/{name}", this::send);
    }

    private Reply send(Call call) {
        JobId id = Given.job(call);
        String name = Given.checked("signal", call.path("name"));
        byte[] value = NOTHING_MORE;
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), KNOWN);
            value = fields.raw("payload") == null ? value : JobInput.payload(fields);
        }
        Object tree = Payload.tree(value);
        Optional<Change> outcome;
        try {
            outcome = engine.change(id, (queue, job) -> queue.signal(job, name, tree));
        } catch (IllegalArgumentException tooLarge) { // the name is legal, so it is the value
            throw Problem.of(ProblemType.TOO_LARGE, String.valueOf(tooLarge.getMessage()));
        }
        JobApi.settle(id, "told", outcome);
        return engine.job(id)
                .map(job -> Reply.ok(json -> JobView.whole(json, job, engine.payload(job))))
                .orElseThrow(() -> Problem.notFound("job", id.toString()));
    }
}
