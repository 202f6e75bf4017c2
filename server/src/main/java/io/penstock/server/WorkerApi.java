package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.queue.QueueReplies.Extended;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.lease.HeldLease;
import io.penstock.server.lease.LeaseApi;
import io.penstock.server.lease.LeaseWish;
import io.penstock.server.lease.Leases;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Workers over HTTP: who takes jobs, and the heartbeat of those in other languages. */
final class WorkerApi {
    /** Leases that one heartbeat extends. */
    private static final int MOST_LEASES = 100;

    private final Engine engine;
    private final Leases leases;

    WorkerApi(Engine engine, Leases leases) {
        this.engine = engine;
        this.leases = leases;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/api/v1/workers", this::list)
                        .query("cursor", "limit")
                        .asNarrow(),
                Route.get("/api/v1/workers/{id}", this::get).asNarrow(),
                Route.act("/api/v1/workers/{id}:quiet", call -> quiet(call, true))
                        .asNarrow(),
                Route.act("/api/v1/workers/{id}:resume", call -> quiet(call, false))
                        .asNarrow(),
                Route.act("/api/v1/workers/{id}:stop", this::stop).asNarrow(),
                Route.postLater("/api/v1/workers/{id}:heartbeat", this::heartbeat)
                        .by(Access.WORK)
                        .asNarrow());
    }

    private List<WorkerLine> lines(Caller caller) {
        return engine.workers().stream()
                .filter(worker -> caller.sees(worker.queue()))
                .map(WorkerLine::of)
                .toList();
    }

    private Reply list(Call call) {
        return page(call.caller(), call.query("cursor"), call.limit());
    }

    Reply page(Caller caller, @Nullable String cursor, int limit) {
        List<WorkerLine> after = lines(caller).stream()
                .filter(worker -> cursor == null || worker.id().compareTo(cursor) > 0)
                .sorted(Comparator.comparing(WorkerLine::id))
                .toList();
        List<WorkerLine> workers = after.stream().limit(limit).toList();
        String next =
                after.size() > workers.size() ? workers.get(workers.size() - 1).id() : null;
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (WorkerLine worker : workers) {
                worker.write(json);
            }
            json.writeEndArray();
            Json.text(json, "next", next);
            json.writeEndObject();
        });
    }

    private Reply get(Call call) {
        String id = call.path("id");
        WorkerLine found = lines(call.caller()).stream()
                .filter(worker -> worker.named(id))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("worker", Text.shown(id)));
        return Reply.ok(found::write);
    }

    /** A name stands for all that bear it: a process has one for each queue that it serves. */
    private Reply quiet(Call call, boolean on) {
        String id = call.path("id");
        List<WorkerLine> found =
                lines(call.caller()).stream().filter(worker -> worker.named(id)).toList();
        if (found.isEmpty()) {
            throw Problem.notFound("worker", Text.shown(id));
        }
        found.forEach(worker -> engine.quiet(worker.view(), on));
        return shown(
                lines(call.caller()).stream().filter(worker -> worker.named(id)).toList());
    }

    /**
     * A worker leaves with all its queues, so one that also serves others than the caller's is left alone.
     *
     * @throws Problem FORBIDDEN in that case
     */
    private Reply stop(Call call) {
        String id = call.path("id");
        List<WorkerLine> all = engine.workers().stream().map(WorkerLine::of).toList();
        List<WorkerLine> named = all.stream()
                .filter(worker ->
                        worker.named(id) && call.caller().sees(worker.view().queue()))
                .toList();
        if (named.isEmpty()) {
            throw Problem.notFound("worker", Text.shown(id));
        }
        List<WorkerLine> whole = all.stream()
                .filter(worker -> named.stream().anyMatch(worker::same))
                .toList();
        long strange = whole.stream()
                .filter(worker -> !call.caller().sees(worker.view().queue()))
                .count();
        if (strange > 0) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    "worker \"" + Text.shown(id) + "\" also works for " + strange
                            + (strange == 1 ? " queue that is" : " queues that are")
                            + " not this token's, and would leave with all of them; nothing was done; have it be quiet, or"
                            + " ask with a token for all its queues");
        }
        whole.forEach(worker -> engine.stop(worker.view()));
        return shown(engine.workers().stream()
                .map(WorkerLine::of)
                .filter(worker -> whole.stream().anyMatch(worker::same))
                .toList());
    }

    private static Reply shown(List<WorkerLine> now) {
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (WorkerLine worker : now) {
                worker.write(json);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** Extends the leases that are named, and no others: a worker that was started anew must not keep those of its former life. */
    private CompletionStage<Reply> heartbeat(Call call) {
        Given.checked("worker", call.path("id"));
        List<CompletableFuture<Beat>> beats = new ArrayList<>();
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("leases", "leaseMillis"));
            List<String> tokens = fields.texts("leases", MOST_LEASES);
            for (String token : tokens == null ? List.<String>of() : tokens) {
                beats.add(beat(call.caller(), token, fields).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(beats.toArray(CompletableFuture[]::new))
                .thenApply(all -> Reply.ok(json -> answer(json, beats)));
    }

    /** What became of one lease; without the lease it is over. */
    private record Beat(
            String token,
            @Nullable HeldLease lease,
            @Nullable Extended renewal) {}

    private CompletionStage<Beat> beat(Caller caller, String token, Fields fields) {
        HeldLease lease;
        try {
            lease = leases.find(token, caller);
        } catch (Problem over) {
            return CompletableFuture.completedStage(new Beat(token, null, null));
        }
        return leases.extend(lease, fields.has("leaseMillis") ? LeaseWish.length(fields) : lease.length())
                .handle((renewal, failure) -> {
                    if (failure == null) {
                        return new Beat(token, lease, renewal);
                    }
                    if (Problem.cause(failure) instanceof Problem problem && problem.type() == ProblemType.LEASE_LOST) {
                        return new Beat(token, null, null);
                    }
                    throw new CompletionException(failure);
                });
    }

    private static void answer(JsonGenerator json, List<CompletableFuture<Beat>> beats) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("leases");
        for (CompletableFuture<Beat> future : beats) {
            Beat beat = future.join();
            if (beat.lease() != null && beat.renewal() != null) {
                LeaseApi.renewed(json, beat.lease(), beat.renewal());
            } else {
                json.writeStartObject();
                json.writeStringField("token", beat.token());
                json.writeBooleanField("held", false);
                json.writeEndObject();
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
