package io.penstock.server.limit;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.limit.Answer;
import io.penstock.limit.Limit;
import io.penstock.limit.LimitStats;
import io.penstock.limit.Limits;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Fields;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Limits over HTTP: what there is and what it said, set while servers run, and asked by those without the library. */
public final class LimitApi {
    private final Engine engine;
    private final Limits limits;
    private final KeptLimits kept;

    public LimitApi(Engine engine, KeptLimits kept) {
        this.engine = engine;
        this.limits = engine.limits();
        this.kept = kept;
    }

    /** Returns all routes about limits. */
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/limits", this::list).asNarrow(),
                Route.put("/api/v1/limits/{key}", this::put),
                Route.delete("/api/v1/limits/{key}", this::delete).by(Access.OPERATE),
                Route.post("/api/v1/limits/{key}:acquire", this::acquire)
                        .by(Access.ASK)
                        .asNarrow(),
                Route.post("/api/v1/limits/{key}:reset", this::reset));
    }

    private Reply list(Call call) {
        List<LimitStats> all = limits.stats().stream()
                .filter(each -> sees(call.caller(), each.limit().name()))
                .toList();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("items");
            for (LimitStats each : all) {
                write(json, each);
            }
            json.writeEndArray();
            json.writeNullField("next");
            json.writeEndObject();
        });
    }

    private boolean sees(Caller caller, String name) {
        String queue = kept.queue(name);
        return queue == null || caller.sees(queue);
    }

    private void write(JsonGenerator json, LimitStats stats) throws IOException {
        String name = stats.limit().name();
        json.writeStartObject();
        json.writeStringField("key", name);
        SetLimit.write(json, stats.limit());
        Json.text(json, "queue", kept.queue(name));
        json.writeStringField("origin", kept.knows(name) ? "operator" : "program");
        json.writeNumberField("allowed", stats.allowed());
        json.writeNumberField("denied", stats.denied());
        json.writeNumberField("guessed", stats.guessed());
        Json.objects(json, "subjects", stats.keys(), subject -> {
            json.writeStringField("subject", subject.key());
            json.writeNumberField("allowed", subject.allowed());
            json.writeNumberField("denied", subject.denied());
        });
        json.writeEndObject();
    }

    private Reply put(Call call) {
        String name = call.path("key");
        kept.put(SetLimit.read(name, call.body()));
        return shown(name);
    }

    private Reply shown(String name) {
        LimitStats stats = limits.stats().stream()
                .filter(each -> each.limit().name().equals(name))
                .findFirst()
                .orElseThrow(() -> Problem.notFound("limit", name));
        return Reply.ok(json -> write(json, stats));
    }

    private Reply delete(Call call) {
        String name = call.path("key");
        if (!kept.remove(name)) {
            throw Problem.notFound("limit", name);
        }
        return Reply.noContent();
    }

    private Limit find(Call call) {
        String name = call.path("key");
        return limits.limit(name)
                .filter(limit -> sees(call.caller(), name))
                .orElseThrow(() -> Problem.notFound("limit", name));
    }

    private Reply acquire(Call call) {
        Limit limit = find(call);
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("subject", "permits"));
        String subject = fields.requiredText("subject");
        Long permits = fields.integer("permits", 1, limit.mostACall());
        if (limit.kind() == Limit.Kind.CONCURRENCY) {
            throw Problem.of(
                    ProblemType.CONFLICT,
                    "limit " + limit.name()
                            + " is of concurrency: its permits are held and given back by a process with the"
                            + " library; nothing was taken; use a window or a bucket here");
        }
        Answer answer =
                fields.guarded("subject", () -> limits.acquire(limit.name(), subject, permits == null ? 1 : permits));
        if (answer instanceof Answer.Denied no) {
            throw Problem.later(
                            ProblemType.RATE_LIMITED,
                            "limit " + limit.name() + " of " + limit.permits() + " in " + limit.per()
                                    + " is used up for this subject; nothing was taken; come again in "
                                    + no.retryAfter().toMillis() + " ms",
                            no.retryAfter())
                    .header("RateLimit-Policy", limit.policyItem())
                    .header("RateLimit", limit.stateItem(no));
        }
        Answer.Allowed yes = (Answer.Allowed) answer;
        return Reply.ok(json -> {
                    json.writeStartObject();
                    json.writeBooleanField("allowed", true);
                    json.writeNumberField("remaining", yes.remaining());
                    json.writeNumberField("resetAfterMillis", yes.resetAfter().toMillis());
                    json.writeBooleanField("guessed", yes.guessed());
                    json.writeEndObject();
                })
                .header("RateLimit-Policy", limit.policyItem())
                .header("RateLimit", limit.stateItem(yes));
    }

    private Reply reset(Call call) {
        Limit limit = find(call);
        Fields fields = Fields.of(Json.value(Slice.of(call.body())), Set.of("subject"));
        String subject = fields.requiredText("subject");
        boolean had = engine.await(fields.guarded("subject", () -> limits.reset(limit.name(), subject)));
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("forgotten", had);
            json.writeEndObject();
        });
    }
}
