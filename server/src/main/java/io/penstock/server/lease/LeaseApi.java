package io.penstock.server.lease;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.RetryPolicy;
import io.penstock.queue.Ending;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueReplies.Extended;
import io.penstock.server.caller.Access;
import io.penstock.server.engine.Engine;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Leases over HTTP: how workers in other languages take jobs and answer for them. */
public final class LeaseApi {
    /** Bytes of one result, as for handlers in this process. */
    private static final int MOST_RESULT_BYTES = 64 << 10;

    private static final int MOST_ENDINGS = 500;
    private static final Set<String> ACK = Set.of("result");
    private static final Set<String> NACK = Set.of("error", "outcome", "retryAfter");
    private static final byte[] NOTHING_SAID = {'{', '}'};

    private final Engine engine;
    private final Leases leases;
    private final Polls polls;

    public LeaseApi(Engine engine, Leases leases, Polls polls) {
        this.engine = engine;
        this.leases = leases;
        this.polls = polls;
    }

    public List<Route> routes() {
        return List.of(
                Route.postLater("/api/v1/leases", this::lease).by(Access.WORK).asNarrow(),
                Route.postLater("/api/v1/leases/{token}:extend", this::extend)
                        .by(Access.WORK)
                        .asNarrow(),
                Route.postLater("/api/v1/leases/{token}:ack", call -> finish(call, ACK, this::completed))
                        .large()
                        .by(Access.WORK)
                        .asNarrow(),
                Route.postLater("/api/v1/leases/{token}:nack", call -> finish(call, NACK, this::failed))
                        .large()
                        .by(Access.WORK)
                        .asNarrow());
    }

    private CompletionStage<Reply> lease(Call call) {
        LeaseWish wish = LeaseWish.read(Json.value(Slice.of(call.body())));
        wish.queues().forEach(call.caller()::check);
        wish.queues().forEach(engine::tend); // here, because it may wait, and nothing after it does
        return polls.poll(wish, call).thenApply(lease -> {
            Reply reply = Reply.ok(json -> granted(json, lease));
            return lease == null ? reply : reply.onUndelivered(() -> leases.takeBack(lease));
        });
    }

    private static void granted(JsonGenerator json, @Nullable HeldLease lease) throws IOException {
        json.writeStartObject();
        Json.text(json, "token", lease == null ? null : lease.token);
        json.writeNumberField("leaseMillis", lease == null ? 0 : lease.length().toMillis());
        Json.objects(json, "jobs", lease == null ? List.<LeasedJob>of() : lease.jobs(), job -> {
            json.writeStringField("id", job.id().toString());
            json.writeStringField("queue", job.id().queue());
            json.writeStringField("type", job.type());
            json.writeNumberField("attempt", job.attempt());
            json.writeNumberField("deliveries", job.deliveries());
            json.writeNumberField("maxAttempts", mostAttempts(job));
            Json.duration(json, "timeout", job.options().timeout());
            Json.text(json, "group", job.options().group());
            json.writeStringField("fencingToken", job.lease().number());
            json.writeObjectFieldStart("metadata");
            for (var note : job.options().metadata().entrySet()) {
                json.writeStringField(note.getKey(), note.getValue());
            }
            json.writeEndObject();
            Json.raw(json, "payload", Engine.payload(job)); // null = sealed, and this server has not the key
        });
        json.writeEndObject();
    }

    private CompletionStage<Reply> extend(Call call) {
        HeldLease lease = leases.find(call.path("token"), call.caller());
        Duration length = lease.length();
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("leaseMillis"));
            length = fields.has("leaseMillis") ? LeaseWish.length(fields) : length;
        }
        return leases.extend(lease, length).thenApply(renewal -> Reply.ok(json -> renewed(json, lease, renewal)));
    }

    /** Writes what a worker needs to know about a lease that it extended. */
    public static void renewed(JsonGenerator json, HeldLease lease, Extended renewal) throws IOException {
        json.writeStartObject();
        json.writeStringField("token", lease.token);
        json.writeBooleanField("held", true);
        json.writeNumberField("leaseMillis", lease.length().toMillis());
        json.writeArrayFieldStart("cancelRequested");
        for (LeasedJob job : lease.jobs()) {
            if (renewal.cancelRequested().contains(job.id().serial())) {
                json.writeString(job.id().toString());
            }
        }
        json.writeEndArray();
        json.writeBooleanField("paused", renewal.paused());
        json.writeBooleanField("quiet", renewal.quiet());
        json.writeBooleanField("stop", renewal.stop());
        json.writeEndObject();
    }

    private interface Outcome {
        Ending of(HeldLease lease, LeasedJob job, Fields said);
    }

    private CompletionStage<Reply> finish(Call call, Set<String> legal, Outcome outcome) {
        HeldLease lease = leases.find(call.path("token"), call.caller());
        List<Ending> endings = endings(call, lease, legal, outcome);
        return leases.finish(lease, endings)
                .thenApply(refused -> Reply.ok(json -> {
                    json.writeStartObject();
                    json.writeNumberField("applied", endings.size() - refused.size());
                    json.writeArrayFieldStart("refused");
                    for (JobId id : refused) {
                        json.writeString(id.toString());
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                }));
    }

    /** Reads {@code {"jobs":[{"id",...}]}}, or what is said of all jobs of the lease at once. */
    private static List<Ending> endings(Call call, HeldLease lease, Set<String> legal, Outcome outcome) {
        Slice body = call.hasBody() ? Json.value(Slice.of(call.body())) : Slice.of(NOTHING_SAID);
        List<Ending> endings = new ArrayList<>();
        Fields all = Fields.of(body, with(legal, "jobs"));
        List<Slice> jobs = all.array("jobs", MOST_ENDINGS);
        if (jobs == null) {
            lease.jobs().forEach(job -> endings.add(outcome.of(lease, job, all)));
        } else {
            Fields.of(body, Set.of("jobs"));
            for (Slice job : jobs) {
                Fields said = Fields.of(job, with(legal, "id"));
                endings.add(outcome.of(lease, find(lease, said), said));
            }
        }
        long different =
                endings.stream().map(ending -> ending.job().id()).distinct().count();
        if (different < endings.size()) {
            throw Problem.invalid("/jobs", "a job is named twice; nothing was done; answer for each job once");
        }
        if (endings.isEmpty()) {
            throw Problem.invalid("/jobs", "no job is named; nothing was done; name what ended");
        }
        return endings;
    }

    private static Set<String> with(Set<String> legal, String more) {
        Set<String> all = new TreeSet<>(legal);
        all.add(more);
        return all;
    }

    private static LeasedJob find(HeldLease lease, Fields said) {
        String id = said.requiredText("id");
        LeasedJob job = said.guarded("id", () -> lease.job(JobId.parse(id)));
        if (job == null) {
            throw Problem.invalid(
                    said.pointer("id"),
                    "job " + Text.shown(id) + " is not held by this lease; nothing was done; answer for what it holds");
        }
        return job;
    }

    private Ending completed(HeldLease lease, LeasedJob job, Fields said) {
        Slice result = said.raw("result");
        if (result != null && result.length() > MOST_RESULT_BYTES) {
            throw Problem.at(
                    said.pointer("result"),
                    ProblemType.TOO_LARGE,
                    "the result has " + result.length() + " bytes, more than " + MOST_RESULT_BYTES
                            + "; nothing was done; store it elsewhere and send where");
        }
        byte[] kept = result == null ? null : job.sealResult(result.copy());
        return Ending.completed(job, lease.grantedMillis, engine.clock().millis(), kept);
    }

    private Ending failed(HeldLease lease, LeasedJob job, Fields said) {
        String outcome = said.text("outcome");
        Duration wait = said.duration("retryAfter");
        JobError error = error(said);
        long began = lease.grantedMillis;
        long now = engine.clock().millis();
        return switch (outcome == null ? "retry" : outcome) {
            case "retry" ->
                job.attempt() >= mostAttempts(job)
                        ? Ending.failed(job, began, now, error)
                        : Ending.retried(job, began, now, wait == null ? backoff(job) : wait, error);
            case "fail" -> Ending.failed(job, began, now, error);
            case "snooze" -> Ending.snoozed(job, began, now, wait == null ? Duration.ofSeconds(1) : wait);
            case "cancel" -> Ending.cancelled(job, began, now, error);
            case "release" -> Ending.released(job);
            default ->
                throw Problem.invalid(
                        said.pointer("outcome"),
                        "outcome \"" + Text.shown(String.valueOf(outcome))
                                + "\" is unknown; nothing was done; use retry, fail, snooze, cancel or release");
        };
    }

    private static JobError error(Fields said) {
        Fields error = said.object("error", Set.of("type", "message", "stack"));
        if (error == null) {
            return new JobError("nack", "the worker gave no reason", null);
        }
        String type = error.text("type");
        String message = error.text("message");
        return new JobError(type == null ? "nack" : type, message == null ? "" : message, error.text("stack"));
    }

    private static int mostAttempts(LeasedJob job) {
        Integer most = job.options().maxAttempts();
        return most == null ? RetryPolicy.DEFAULT.maxAttempts() : most;
    }

    private static Duration backoff(LeasedJob job) {
        var backoff = job.options().backoff();
        return (backoff == null ? RetryPolicy.DEFAULT.backoff() : backoff)
                .after(job.attempt(), ThreadLocalRandom.current()::nextDouble);
    }
}
