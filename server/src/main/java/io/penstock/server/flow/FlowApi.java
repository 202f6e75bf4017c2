package io.penstock.server.flow;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.flow.Flow;
import io.penstock.flow.FlowId;
import io.penstock.flow.FlowPage;
import io.penstock.flow.FlowView;
import io.penstock.flow.Flows;
import io.penstock.job.JobId;
import io.penstock.server.caller.Access;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.http.Given;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Slice;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Flows over HTTP: added as a whole, shown as a graph, cancelled and run again. */
public final class FlowApi {
    private static final Set<String> KINDS = Set.of("flow", "batch");

    private final Engine engine;
    private final FlowInput input;

    public FlowApi(Engine engine, FlowInput input) {
        this.engine = engine;
        this.input = input;
    }

    /** Returns all routes about flows. */
    public List<Route> routes() {
        return List.of(
                Route.post("/api/v1/flows", this::submit)
                        .large()
                        .creating()
                        .by(Access.ADD)
                        .asNarrow(),
                Route.get("/api/v1/flows", this::list)
                        .query("cursor", "limit", "kind")
                        .asNarrow(),
                Route.get("/api/v1/flows/{id}", call -> shown(call.caller(), FlowInput.id(call)))
                        .by(Access.FOLLOW)
                        .asNarrow(),
                Route.act("/api/v1/flows/{id}:retry", this::retry).query("job").asNarrow(),
                Route.act("/api/v1/flows/{id}:cancel", this::cancel)
                        .query("job")
                        .asNarrow(),
                Route.get("/api/v1/jobs/{id}/flow", this::ofJob)
                        .by(Access.FOLLOW)
                        .asNarrow());
    }

    private Reply submit(Call call) {
        Flow flow = input.flow(Json.value(Slice.of(call.body())), call.caller());
        input.expect(engine, call.caller(), flow.specs());
        FlowId id = FlowInput.plain(() -> engine.flows().submit(flow));
        return Reply.json(201, json -> {
                    json.writeStartObject();
                    json.writeStringField("id", id.toString());
                    json.writeStringField("name", flow.name());
                    json.writeStringField("state", "running");
                    json.writeEndObject();
                })
                .header("Location", "/api/v1/flows/" + id);
    }

    private Reply list(Call call) {
        String kind = call.query("kind");
        if (kind != null && !KINDS.contains(kind)) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "kind \"" + Text.shown(kind) + "\" is unknown; nothing was read; " + Text.legal(kind, KINDS));
        }
        return page(call.caller(), call.query("cursor"), call.limit(), kind);
    }

    /** Returns the flows and batches that a caller may know of, the newest first. */
    public Reply page(Caller caller, @Nullable String cursor, int limit) {
        return page(caller, cursor, limit, null);
    }

    private Reply page(Caller caller, @Nullable String cursor, int limit, @Nullable String kind) {
        FlowPage page =
                engine.flows().newest(cursor == null ? null : FlowInput.plain(() -> FlowId.parse(cursor)), limit);
        List<FlowPage.Line> seen = page.flows().stream()
                .filter(flow -> caller.sees(flow.id().queue()))
                .filter(flow -> kind == null || kind.equals(kind(flow.id())))
                .toList();
        return Reply.ok(json -> {
            json.writeStartObject();
            Json.objects(json, "items", seen, flow -> head(json, flow));
            Json.text(json, "next", page.next());
            json.writeEndObject();
        });
    }

    private static String kind(FlowId id) {
        return id.batch() ? "batch" : "flow";
    }

    private FlowView find(FlowId id) {
        if (!engine.exists(id.queue())) {
            throw Problem.notFound("flow", id.toString());
        }
        return engine.flows().get(id).orElseThrow(() -> Problem.notFound("flow", id.toString()));
    }

    private Reply shown(Caller caller, FlowId id) {
        FlowView flow = find(id);
        return Reply.ok(json -> write(json, caller, flow));
    }

    /** What is done to a flow is done to all of its jobs. */
    private FlowView changeable(Call call) {
        FlowView flow = find(FlowInput.id(call));
        flow.nodes().forEach(node -> call.caller().check(node.id().queue()));
        return flow;
    }

    private Reply retry(Call call) {
        FlowId id = changeable(call).id();
        String job = call.query("job");
        Flows flows = engine.flows();
        FlowInput.plain(() -> job == null ? flows.retry(id) : flows.retry(id, job));
        return shown(call.caller(), id);
    }

    private Reply cancel(Call call) {
        FlowId id = changeable(call).id();
        String job = call.query("job");
        Flows flows = engine.flows();
        FlowInput.plain(() -> job == null ? flows.cancel(id) : flows.cancel(id, job));
        return shown(call.caller(), id);
    }

    private Reply ofJob(Call call) {
        JobId job = Given.job(call);
        if (engine.job(job).isEmpty()) {
            throw Problem.notFound("job", job.toString());
        }
        FlowId id = engine.flows().of(job).orElseThrow(() -> Problem.notFound("flow of job", job.toString()));
        return id.batch() ? BatchesApi.shown(engine, id, 200) : shown(call.caller(), id);
    }

    private static void head(JsonGenerator json, FlowPage.Line flow) throws IOException {
        json.writeStringField("id", flow.id().toString());
        json.writeStringField("kind", kind(flow.id()));
        json.writeStringField("name", flow.name());
        json.writeStringField("state", flow.state());
        Json.instant(json, "createdAt", flow.createdAt());
        Json.instant(json, "endedAt", flow.endedAt());
        json.writeNumberField("jobs", flow.jobs());
        json.writeNumberField("left", flow.left());
        json.writeNumberField("completed", flow.completed());
        json.writeNumberField("failed", flow.failed());
        json.writeNumberField("cancelled", flow.cancelled());
    }

    private static void write(JsonGenerator json, Caller caller, FlowView flow) throws IOException {
        json.writeStartObject();
        head(json, FlowPage.Line.of(flow));
        List<FlowView.Node> nodes = flow.nodes().stream()
                .filter(node -> caller.sees(node.id().queue()))
                .toList();
        Json.objects(json, "nodes", nodes, node -> {
            json.writeStringField("name", node.name());
            json.writeStringField("id", node.id().toString());
            json.writeStringField("type", node.type());
            json.writeStringField("state", node.state().wire());
            json.writeStringField("onFailure", node.onFailure().wire());
            json.writeArrayFieldStart("needs");
            for (String child : node.needs()) {
                json.writeString(child);
            }
            json.writeEndArray();
            Json.text(json, "undoes", node.undoes());
        });
        json.writeEndObject();
    }
}
