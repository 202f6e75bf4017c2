package io.penstock.server.memory;

import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.optimise.OptimisationRefused;
import io.penstock.memory.optimise.Request;
import io.penstock.memory.optimise.Trigger;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Optimisations over HTTP: asked for, and what they gave. */
final class OptimisationApi {
    /** A measured run of a quiet heap takes ten seconds and a little; below the half minute that clients wait. */
    private static final int WAIT_SECONDS = 20;

    private static final int MOST_REPORTS = 1_000;
    private static final String PATH = "/api/v1/memory/optimizations";
    private static final Set<String> FIELDS = Set.of("strategy", "reason", "force");

    private final MemoryGovernor memory;

    OptimisationApi(MemoryGovernor memory) {
        this.memory = memory;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, this::list).query("cursor", "limit").asNarrow(),
                Route.post(PATH, this::run).creating(),
                Route.get(PATH + "/{id}", this::get).asNarrow());
    }

    private Reply list(Call call) {
        List<Optimisation> all = memory.optimisations(MOST_REPORTS);
        String cursor = call.query("cursor");
        List<Optimisation> left = all;
        if (cursor != null) {
            List<String> ids = all.stream().map(Optimisation::id).toList();
            int at = ids.indexOf(cursor);
            if (at < 0) {
                throw Problem.of(
                        ProblemType.INVALID_VALUE,
                        "cursor \"" + Text.shown(cursor) + "\" names no report that is kept; begin again without it");
            }
            left = all.subList(at + 1, all.size());
        }
        List<Optimisation> page = left.stream().limit(call.limit()).toList();
        boolean more = left.size() > page.size();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (Optimisation report : page) {
                ReportJson.write(json, report);
            }
            json.writeEndArray();
            Json.text(json, "next", more ? page.get(page.size() - 1).id() : null);
            json.writeEndObject();
        });
    }

    private Reply get(Call call) {
        String id = call.path("id");
        Optional<Optimisation> done = memory.optimisations(MOST_REPORTS).stream()
                .filter(report -> report.id().equals(id))
                .findFirst();
        if (done.isPresent()) {
            return Reply.ok(json -> ReportJson.write(json, done.get()));
        }
        if (memory.optimiser().underway().filter(id::equals).isPresent()) {
            return running(200, id);
        }
        throw Problem.notFound("optimization", Text.shown(id));
    }

    private static Reply running(int status, String id) {
        return Reply.json(status, json -> {
            json.writeStartObject();
            json.writeStringField("id", id);
            json.writeStringField("status", "running");
            json.writeEndObject();
        });
    }

    private Reply run(Call call) throws InterruptedException {
        CompletableFuture<Optimisation> run =
                memory.optimiser().optimise(request(call)).toCompletableFuture();
        try {
            Optimisation done = run.get(WAIT_SECONDS, TimeUnit.SECONDS);
            return Reply.ok(json -> ReportJson.write(json, done));
        } catch (TimeoutException still) {
            return later(run);
        } catch (ExecutionException failed) {
            throw problem(failed.getCause());
        }
    }

    private Reply later(CompletableFuture<Optimisation> run) {
        Optional<String> id = memory.optimiser().underway();
        if (run.isDone() || id.isEmpty()) { // it ended this very moment
            Optimisation done = run.join();
            return Reply.ok(json -> ReportJson.write(json, done));
        }
        return running(202, id.get()).header("Location", PATH + "/" + id.get());
    }

    private Request request(Call call) {
        if (!call.hasBody()) {
            return Request.manual("standard", "manual");
        }
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), FIELDS);
        String strategy = fields.text("strategy");
        String reason = fields.text("reason");
        Boolean force = fields.flag("force");
        List<String> known = memory.optimiser().strategies();
        String wanted = strategy == null ? "standard" : strategy;
        if (!known.isEmpty() && !known.contains(wanted)) {
            throw Problem.invalid(
                    "/strategy",
                    "strategy \"" + Text.shown(wanted) + "\" is unknown; nothing was freed; "
                            + Text.legal(wanted, known));
        }
        return new Request(Trigger.MANUAL, wanted, reason == null ? "manual" : reason, Boolean.TRUE.equals(force));
    }

    private static RuntimeException problem(@Nullable Throwable failed) {
        if (failed instanceof OptimisationRefused refused) {
            String text = String.valueOf(refused.getMessage());
            return switch (refused.reason()) {
                case OFF -> Problem.of(ProblemType.CONFLICT, text);
                case UNDERWAY -> Problem.later(ProblemType.CONFLICT, text, refused.retryAfter());
                case COOLDOWN, BACKING_OFF -> Problem.later(ProblemType.TOO_SOON, text, refused.retryAfter());
            };
        }
        if (failed instanceof IllegalArgumentException) {
            return Problem.invalid("/strategy", String.valueOf(failed.getMessage()));
        }
        return new IllegalStateException("the optimisation failed", failed);
    }
}
