package io.penstock.server.flow;

import io.penstock.flow.BatchPlan;
import io.penstock.flow.BatchView;
import io.penstock.flow.FlowId;
import io.penstock.job.Enqueued;
import io.penstock.job.JobSpec;
import io.penstock.server.caller.Access;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Batches over HTTP: opened, filled over time, sealed, looked at and cancelled. */
public final class BatchesApi {
    private static final Set<String> PLAN = Set.of("name", "queue", "onComplete", "onSuccess", "onFailure");

    private final Engine engine;
    private final FlowInput input;

    public BatchesApi(Engine engine, FlowInput input) {
        this.engine = engine;
        this.input = input;
    }

    /** Returns all routes about batches. */
    public List<Route> routes() {
        return List.of(
                Route.post("/api/v1/batches", this::open)
                        .large()
                        .creating()
                        .by(Access.ADD)
                        .asNarrow(),
                Route.get("/api/v1/batches/{id}", call -> shown(engine, FlowInput.id(call), 200))
                        .by(Access.FOLLOW)
                        .asNarrow(),
                Route.post("/api/v1/batches/{id}/jobs", this::add)
                        .large()
                        .creating()
                        .by(Access.ADD)
                        .asNarrow(),
                Route.act("/api/v1/batches/{id}:seal", call -> {
                            engine.flows().seal(find(call));
                            return shown(engine, FlowInput.id(call), 200);
                        })
                        .by(Access.ADD)
                        .asNarrow(),
                Route.act("/api/v1/batches/{id}:cancel", this::cancel).asNarrow());
    }

    private Reply open(Call call) {
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), PLAN);
        String name = fields.requiredText("name");
        String queue = fields.requiredText("queue");
        List<JobSpec> hooks = new ArrayList<>();
        BatchPlan plan = fields.guarded("name", () -> BatchPlan.named(name, queue))
                .onComplete(hook(fields, "onComplete", hooks))
                .onSuccess(hook(fields, "onSuccess", hooks))
                .onFailure(hook(fields, "onFailure", hooks));
        call.caller().check(queue);
        input.expect(engine, call.caller(), hooks);
        engine.tend(queue);
        FlowId id = FlowInput.plain(() -> engine.flows().open(plan));
        return shown(engine, id, 201).header("Location", "/api/v1/batches/" + id);
    }

    private @Nullable JobSpec hook(Fields fields, String name, List<JobSpec> hooks) {
        Slice slice = fields.raw(name);
        if (slice == null) {
            return null;
        }
        JobSpec spec = input.job(slice);
        hooks.add(spec);
        return spec;
    }

    /**
     * What is done to a batch is done to all of its jobs.
     *
     * @throws Problem FORBIDDEN if there are some in queues that are not the caller's
     */
    private Reply cancel(Call call) {
        FlowId id = find(call);
        List<String> queues = engine.flows().queues(id);
        long strange =
                queues.stream().filter(queue -> !call.caller().sees(queue)).count();
        if (strange > 0) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    "batch " + id + " has jobs in " + queues.size() + (queues.size() == 1 ? " queue, " : " queues, ")
                            + strange + " of which " + (strange == 1 ? "is" : "are")
                            + " not this token's; nothing was cancelled; ask with a token for all of them, or cancel the"
                            + " jobs of your queues with POST /api/v1/operations");
        }
        engine.flows().cancel(id);
        return shown(engine, id, 200);
    }

    private FlowId find(Call call) {
        return view(engine, FlowInput.id(call)).id();
    }

    private Reply add(Call call) {
        FlowId id = find(call);
        List<JobSpec> jobs = new ArrayList<>();
        for (Slice slice : Json.elements(Json.value(Slice.of(call.body())), Limits.BATCH_JOBS)) {
            jobs.add(input.job(slice));
        }
        input.expect(engine, call.caller(), jobs);
        List<Enqueued> answers = FlowInput.plain(() -> engine.flows().addAll(id, jobs));
        Enqueued.Refused first = null;
        int accepted = 0;
        for (Enqueued answer : answers) {
            accepted += answer instanceof Enqueued.Accepted ? 1 : 0;
            first = first == null && answer instanceof Enqueued.Refused why ? why : first;
        }
        if (accepted == 0 && first != null) {
            throw Problem.refused(first);
        }
        return added(answers, accepted, first);
    }

    private static Reply added(List<Enqueued> answers, int accepted, Enqueued.@Nullable Refused first) {
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeNumberField("accepted", accepted);
            json.writeNumberField("refused", answers.size() - accepted);
            json.writeArrayFieldStart("ids");
            for (Enqueued answer : answers) {
                json.writeString(
                        answer instanceof Enqueued.Accepted in ? in.id().toString() : null);
            }
            json.writeEndArray();
            Json.text(json, "reason", first == null ? null : first.message());
            json.writeEndObject();
        });
    }

    private static BatchView view(Engine engine, FlowId id) {
        if (!engine.exists(id.queue())) {
            throw Problem.notFound("batch", id.toString());
        }
        return engine.flows().batch(id).orElseThrow(() -> Problem.notFound("batch", id.toString()));
    }

    static Reply shown(Engine engine, FlowId id, int status) {
        BatchView batch = view(engine, id);
        return Reply.json(status, json -> {
            json.writeStartObject();
            json.writeStringField("id", batch.id().toString());
            json.writeStringField("kind", "batch");
            json.writeStringField("name", batch.name());
            json.writeStringField("state", batch.state());
            Json.instant(json, "createdAt", batch.createdAt());
            Json.instant(json, "endedAt", batch.endedAt());
            json.writeNumberField("added", batch.added());
            json.writeNumberField("pending", batch.pending());
            json.writeNumberField("completed", batch.completed());
            json.writeNumberField("failed", batch.failed());
            json.writeNumberField("cancelled", batch.cancelled());
            json.writeEndObject();
        });
    }
}
