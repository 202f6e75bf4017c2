package io.penstock.server.operation;

import io.penstock.job.JobId;
import io.penstock.job.JobState;
import io.penstock.queue.JobSweep;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.search.JobFilter;
import io.penstock.server.search.Scope;
import io.penstock.server.search.Search;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Operations over HTTP: asked for, tried out, watched, and cancelled. */
public final class OperationApi {
    private static final String PATH = "/api/v1/operations";

    /** Ids shown by a dry run. */
    private static final int SAMPLE = 20;

    /** Operations told live. */
    private static final int LIVE = 20;

    private final Engine engine;
    private final Operations operations;

    public OperationApi(Engine engine, Operations operations) {
        this.engine = engine;
        this.operations = operations;
    }

    /** Returns all routes about operations. */
    public List<Route> routes() {
        return List.of(
                Route.post(PATH, this::begin).large().creating().asNarrow(),
                Route.get(PATH, call -> shown(call.limit(), call.caller()))
                        .query("limit")
                        .asNarrow(),
                Route.get(PATH + "/{id}", call -> shown(200, find(call))).asNarrow(),
                Route.act(PATH + "/{id}:cancel", this::cancel).asNarrow());
    }

    /** Returns the newest that a caller may know of, as their route does. */
    public Reply page(Caller caller) {
        return shown(LIVE, caller);
    }

    /** Whoever may touch some queues only sees what he asked for himself: the others name jobs of other queues. */
    private static boolean mine(Operation operation, Caller caller) {
        return caller.queues().isEmpty() || operation.plan().by().equals(caller.name());
    }

    private Reply shown(int most, Caller caller) {
        List<Operation> newest = operations.ledger().newest(caller.queues().isEmpty() ? most : Ledger.MOST);
        return shown(newest.stream()
                .filter(operation -> mine(operation, caller))
                .limit(most)
                .toList());
    }

    private static Reply shown(List<Operation> newest) {
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", newest, operation -> operation.write(json));
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private static Reply shown(int status, Operation operation) {
        return Reply.json(status, json -> {
            json.writeStartObject();
            operation.write(json);
            json.writeEndObject();
        });
    }

    private Operation find(Call call) {
        String id = call.path("id");
        return operations
                .ledger()
                .find(id)
                .filter(operation -> mine(operation, call.caller()))
                .orElseThrow(() -> missing(id));
    }

    private static Problem missing(String id) {
        return Problem.notFound("operation", Text.shown(id));
    }

    private Reply begin(Call call) {
        Instant now = Instant.ofEpochMilli(engine.clock().millis());
        Wanted wanted = Wanted.read(call.body(), now);
        Scope scope = Scope.of(call.caller());
        if (wanted.dryRun()) {
            return tried(wanted, scope);
        }
        Plan plan = new Plan(
                "op-" + Operations.random(),
                wanted.action(),
                wanted.filter(),
                wanted.ids().size(),
                scope,
                call.caller().name(),
                now);
        if (!operations.submit(plan, wanted.ids())) {
            throw Problem.later(
                    ProblemType.RATE_LIMITED,
                    Ledger.MOST_OPEN
                            + " operations run or wait, the most there may be; nothing was done; wait for one, or"
                            + " cancel one with POST " + PATH + "/ID:cancel",
                    Duration.ofSeconds(5));
        }
        Operation begun = operations.ledger().find(plan.id()).orElseThrow(() -> missing(plan.id()));
        return shown(202, begun).header("Location", PATH + "/" + plan.id());
    }

    private Reply cancel(Call call) {
        find(call);
        return shown(200, operations.cancel(call.path("id")).orElseThrow(() -> missing(call.path("id"))));
    }

    private Reply tried(Wanted wanted, Scope scope) {
        JobFilter filter = wanted.filter();
        Search.Count count = filter == null ? named(wanted, scope) : new Search(engine, filter, scope).count(SAMPLE);
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("dryRun", true);
            json.writeStringField("action", Plan.wire(wanted.action()));
            if (filter != null) {
                Plan.filter(json, filter);
            }
            json.writeNumberField("matched", count.matched());
            json.writeArrayFieldStart("sample");
            for (String id : count.sample()) {
                json.writeString(id);
            }
            json.writeEndArray();
            json.writeNumberField("scanned", count.looked());
            json.writeBooleanField("complete", count.complete());
            json.writeEndObject();
        });
    }

    /** Of jobs that have not ended it is not known here in which state they are, so this is the most that it may be. */
    private Search.Count named(Wanted wanted, Scope scope) {
        Map<String, List<JobId>> queues = new LinkedHashMap<>();
        for (String id : wanted.ids()) {
            JobId job = JobId.parse(id);
            queues.computeIfAbsent(job.queue(), name -> new ArrayList<>()).add(job);
        }
        long end = engine.clock().nanos() + Search.BUDGET.toNanos();
        long looked = 0;
        List<String> fitting = new ArrayList<>();
        for (Map.Entry<String, List<JobId>> each : queues.entrySet()) {
            List<JobId> ids = each.getValue();
            boolean there = scope.has(each.getKey()) && engine.exists(each.getKey());
            for (int i = 0; i < ids.size() && engine.clock().nanos() - end < 0; i += JobSweep.MOST) {
                List<JobId> some = ids.subList(i, Math.min(ids.size(), i + JobSweep.MOST));
                looked += some.size();
                if (there) {
                    JobSweep sweep = new JobSweep(engine.store(each.getKey()));
                    engine.await(sweep.heads(some)).stream()
                            .filter(head -> may(wanted, head.job().state()))
                            .forEach(head -> fitting.add(head.job().id().toString()));
                }
            }
        }
        List<String> sample = fitting.subList(0, Math.min(SAMPLE, fitting.size()));
        return new Search.Count(
                fitting.size(), sample, looked, looked == wanted.ids().size());
    }

    private static boolean may(Wanted wanted, JobState state) {
        return state.terminal()
                ? Plan.suits(wanted.action()).contains(state)
                : Plan.suits(wanted.action()).stream().anyMatch(suited -> !suited.terminal());
    }
}
