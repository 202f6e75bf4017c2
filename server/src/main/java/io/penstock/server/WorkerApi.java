package io.penstock.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.queue.QueueReplies.Extended;
import java.io.IOException;
import java.util.ArrayList;
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
                Route.get("/api/v1/workers", this::list),
                Route.get("/api/v1/workers/{id}", this::get),
                Route.postLater("/api/v1/workers/{id}:heartbeat", this::heartbeat));
    }

    private Reply list(Call call) {
        List<Engine.WorkerView> workers = engine.workers();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Engine.WorkerView worker : workers) {
                write(json, worker);
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private Reply get(Call call) {
        String id = call.path("id");
        Engine.WorkerView found = engine.workers().stream()
                .filter(worker -> worker.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("worker", Text.shown(id)));
        return Reply.ok(json -> write(json, found));
    }

    private static void write(JsonGenerator json, Engine.WorkerView worker) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", worker.id());
        json.writeStringField("name", worker.name());
        json.writeStringField("queue", worker.queue());
        json.writeNumberField("active", worker.active());
        json.writeNumberField("leaseExpiresInMillis", worker.leaseExpiresInMillis());
        json.writeFieldName("report");
        json.writeRawValue(worker.report());
        json.writeEndObject();
    }

    /** Extends the leases that are named, and no others: a worker that was started anew must not keep those of its former life. */
    private CompletionStage<Reply> heartbeat(Call call) {
        Given.checked("worker", call.path("id"));
        List<CompletableFuture<Beat>> beats = new ArrayList<>();
        if (call.hasBody()) {
            Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("leases", "leaseMillis"));
            List<String> tokens = fields.texts("leases", MOST_LEASES);
            for (String token : tokens == null ? List.<String>of() : tokens) {
                beats.add(beat(token, fields).toCompletableFuture());
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

    private CompletionStage<Beat> beat(String token, Fields fields) {
        HeldLease lease;
        try {
            lease = leases.find(token);
        } catch (Problem over) {
            return CompletableFuture.completedStage(new Beat(token, null, null));
        }
        return leases.extend(lease, fields.has("leaseMillis") ? LeaseWish.length(fields) : lease.length())
                .handle((renewal, failure) -> {
                    if (failure == null) {
                        return new Beat(token, lease, renewal);
                    }
                    if (Front.cause(failure) instanceof Problem problem && problem.type() == ProblemType.LEASE_LOST) {
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
