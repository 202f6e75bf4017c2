package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.Attempt;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import io.penstock.job.Priority;
import io.penstock.job.Unique;
import io.penstock.queue.Change;
import io.penstock.queue.JobEdit;
import io.penstock.queue.Queue;
import io.penstock.server.caller.Access;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Precondition;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.limit.KeptLimits;
import io.penstock.server.redact.Eye;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Jobs over HTTP: one at a time, by id or as they come in. */
final class JobApi {
    private static final Set<String> EDITABLE = Set.of("payload", "priority", "delay", "runAt");

    private static final Set<String> SIGNAL = Set.of("payload");
    private static final byte[] NOTHING_MORE = {'t', 'r', 'u', 'e'};

    private final Engine engine;
    private final Work work;
    private final KeptLimits limits;
    private final JobWaits waits;

    JobApi(Engine engine, Work work, KeptLimits limits, JobWaits waits) {
        this.waits = waits;
        this.engine = engine;
        this.work = work;
        this.limits = limits;
    }

    List<Route> routes() {
        return List.of(
                Route.postLater("/api/v1/queues/{queue}/jobs", this::enqueue)
                        .query("wait")
                        .large()
                        .creating()
                        .by(Access.ADD),
                Route.getLater("/api/v1/jobs/{id}", this::get)
                        .query("wait")
                        .by(Access.FOLLOW)
                        .asNarrow(),
                Route.patch("/api/v1/jobs/{id}", this::edit).large().asNarrow(),
                Route.delete("/api/v1/jobs/{id}", this::delete)
                        .by(Access.OPERATE)
                        .asNarrow(),
                Route.act("/api/v1/jobs/{id}:retry", call -> act(call, "retried", Queue::retry))
                        .asNarrow(),
                Route.act("/api/v1/jobs/{id}:requeue", this::requeue).creating().asNarrow(),
                Route.act("/api/v1/jobs/{id}:promote", call -> act(call, "promoted", Queue::promote))
                        .asNarrow(),
                Route.act("/api/v1/jobs/{id}:cancel", call -> act(call, "cancelled", Queue::cancel))
                        .asNarrow(),
                Route.post("/api/v1/jobs/{id}:clone", this::copy)
                        .large()
                        .creating()
                        .asNarrow(),
                Route.post("/api/v1/jobs/{id}/signals/{name}", this::signal)
                        .by(Access.ADD)
                        .asNarrow(),
                Route.get("/api/v1/jobs/{id}/attempts", this::attempts)
                        .by(Access.FOLLOW)
                        .asNarrow(),
                Route.get("/api/v1/jobs/{id}/logs", this::logs)
                        .by(Access.FOLLOW)
                        .asNarrow());
    }

    private CompletionStage<Reply> enqueue(Call call) {
        Duration wait = JobWaits.wish(call);
        JobSpec spec = JobInput.read(Json.value(Slice.of(call.body())), Given.queue(call));
        if (wait == null) {
            return CompletableFuture.completedFuture(added(spec));
        }
        limits.pass(spec.queue(), 1);
        Enqueued answer = engine.enqueue(spec);
        return waits.added(accepted(spec, answer), answer, wait, call.eye());
    }

    private Reply added(JobSpec spec) {
        limits.pass(spec.queue(), 1);
        return accepted(spec, engine.enqueue(spec));
    }

    private Reply accepted(JobSpec spec, Enqueued answer) {
        if (answer instanceof Enqueued.Refused refused) {
            throw Problem.refused(refused);
        }
        if (answer instanceof Enqueued.Duplicate duplicate) {
            JobState state = engine.job(duplicate.id()).map(Job::state).orElse(null);
            return Reply.ok(json -> receipt(json, spec, duplicate.id(), state, duplicate))
                    .header("Location", "/api/v1/jobs/" + duplicate.id());
        }
        work.came(spec.queue(), spec.type());
        JobId id = ((Enqueued.Accepted) answer).id();
        JobState state = later(spec.options()) ? JobState.DELAYED : JobState.WAITING;
        return Reply.json(201, json -> receipt(json, spec, id, state, null)).header("Location", "/api/v1/jobs/" + id);
    }

    private boolean later(JobOptions options) {
        Duration delay = options.delay();
        boolean delayed = delay != null && !delay.isZero();
        boolean due = options.runAt() == null
                || options.runAt().toEpochMilli() <= engine.clock().millis();
        boolean debounced = options.unique() != null && options.unique().mode() == Unique.Mode.DEBOUNCE;
        return delayed || debounced || !due;
    }

    private static void receipt(
            JsonGenerator json,
            JobSpec spec,
            JobId id,
            @Nullable JobState state,
            Enqueued.@Nullable Duplicate duplicate)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id.toString());
        json.writeStringField("queue", spec.queue());
        json.writeStringField("type", spec.type());
        Json.text(json, "state", state == null ? null : state.wire());
        json.writeBooleanField("duplicate", duplicate != null);
        if (duplicate != null) {
            json.writeBooleanField("replaced", duplicate.replaced());
        }
        json.writeEndObject();
    }

    private CompletionStage<Reply> get(Call call) {
        Duration wait = JobWaits.wish(call);
        Job job = find(call);
        Eye eye = call.eye();
        return wait == null || job.state().terminal()
                ? CompletableFuture.completedFuture(shown(job, eye))
                : waits.ended(job, wait, end -> shown(end, eye));
    }

    private Reply shown(Job job, Eye eye) {
        byte[] payload = engine.payload(job);
        Reply whole = Reply.ok(json -> JobView.whole(json, job, payload, eye));
        return eye.seesValues() ? whole.header("ETag", JobView.tag(job)) : whole;
    }

    private Job find(Call call) {
        JobId id = Given.job(call);
        return engine.job(id).orElseThrow(() -> Problem.notFound("job", id.toString()));
    }

    private Reply edit(Call call) {
        Job job = find(call);
        Precondition.check(call, JobView.tag(job));
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), EDITABLE);
        Duration delay = fields.duration("delay");
        if (delay != null && fields.raw("runAt") != null) {
            throw Problem.invalid(
                    fields.pointer("runAt"), "delay and runAt are both there; nothing was done; send one of them");
        }
        JobEdit wish = new JobEdit(
                fields.has("payload") ? payload(fields, job) : null,
                JobInput.priority(fields),
                delay == null ? until(fields.instant("runAt")) : delay);
        settle(job.id(), "edited", engine.edit(job.id(), wish));
        return shown(find(call), call.eye());
    }

    private byte[] payload(Fields fields, Job job) {
        byte[] payload = JobInput.payload(fields);
        Eye.refuseMarks(payload, engine.payload(job), fields.pointer("payload"));
        return payload;
    }

    private @Nullable Duration until(@Nullable Instant at) {
        return at == null
                ? null
                : Duration.ofMillis(
                        Math.max(0, at.toEpochMilli() - engine.clock().millis()));
    }

    private Reply delete(Call call) {
        JobId id = Given.job(call);
        settle(id, "deleted", engine.change(id, Queue::remove));
        return Reply.noContent();
    }

    private Reply act(Call call, String done, Engine.Wish wish) {
        JobId id = Given.job(call);
        settle(id, done, engine.change(id, wish));
        return shown(find(call), call.eye());
    }

    /** A completed job keeps its result and its id: what waits then is another one. */
    private Reply requeue(Call call) {
        Job job = find(call);
        return job.state() == JobState.COMPLETED
                ? added(new JobSpec(
                        job.id().queue(), job.type(), job.payload(), JobInput.now(job.options()), job.encoding()))
                : act(call, "requeued", Queue::retry);
    }

    private static void settle(JobId id, String done, Optional<Change> outcome) {
        Change change = outcome.orElseThrow(() -> Problem.notFound("job", id.toString()));
        if (change.result() == Change.Result.NOT_FOUND) {
            throw Problem.notFound("job", id.toString());
        }
        if (!change.ok()) {
            throw Problem.of(
                    ProblemType.CONFLICT,
                    "job " + id + " is "
                            + (change.state() == null
                                    ? "in another state"
                                    : change.state().wire()) + " and was not " + done + ": " + change.message()
                            + "; look at it with GET /api/v1/jobs/" + id);
        }
    }

    private Reply copy(Call call) {
        Job job = find(call);
        JobOptions options = JobInput.now(job.options());
        byte[] payload = job.payload();
        String encoding = job.encoding(); // the copy has the same queue and type, so what is sealed stays readable
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), EDITABLE);
            if (fields.has("payload")) {
                payload = payload(fields, job);
                encoding = "";
            }
            Priority line = JobInput.priority(fields);
            options = JobInput.when(fields, line == null ? options : options.priority(line));
        }
        JobSpec spec = new JobSpec(job.id().queue(), job.type(), payload, options, encoding);
        return added(spec);
    }

    private Reply attempts(Call call) {
        List<Attempt> attempts = engine.attempts(find(call).id());
        Eye eye = call.eye();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Attempt attempt : attempts) {
                JobView.attempt(json, attempt, eye);
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private Reply logs(Call call) {
        List<String> lines = engine.logs(find(call).id());
        Eye eye = call.eye();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (String line : lines) {
                json.writeString(eye.text(line));
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private Reply signal(Call call) {
        JobId id = Given.job(call);
        String name = Given.checked("signal", call.path("name"));
        byte[] value = NOTHING_MORE;
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), SIGNAL);
            value = fields.raw("payload") == null ? value : JobInput.payload(fields);
        }
        Object tree = Payload.tree(value);
        Optional<Change> outcome;
        try {
            outcome = engine.change(id, (queue, job) -> queue.signal(job, name, tree));
        } catch (IllegalArgumentException tooLarge) { // the name is legal, so it is the value
            throw Problem.of(ProblemType.TOO_LARGE, String.valueOf(tooLarge.getMessage()));
        }
        settle(id, "told", outcome);
        return engine.job(id)
                .map(job -> shown(job, call.eye()))
                .orElseThrow(() -> Problem.notFound("job", id.toString()));
    }
}
