package io.penstock.examples.chat;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The agents over HTTP: {@code /api/agents}. */
final class AgentApi {
    private final Agents agents;
    private final Gatekeeper gate;

    /** What may be said of one; what is missing is as the defaults. */
    record Wish(
            @Nullable String name,
            @Nullable String model,
            @Nullable String endpoint,
            @Nullable String system,
            @Nullable Integer maxTokens,
            @Nullable Integer concurrent,
            @Nullable Integer requestsPerMinute,
            @Nullable Integer timeoutSeconds) {
        Agent agent(String id, String usualModel) {
            return new Agent(
                    id,
                    name == null ? id : name,
                    model == null ? usualModel : model,
                    endpoint == null ? "" : endpoint,
                    system == null ? "" : system,
                    maxTokens == null ? 1_000 : maxTokens,
                    concurrent == null ? 200 : concurrent,
                    requestsPerMinute == null ? 6_000 : requestsPerMinute,
                    timeoutSeconds == null ? 30 : timeoutSeconds);
        }
    }

    AgentApi(Agents agents, Gatekeeper gate) {
        this.agents = agents;
        this.gate = gate;
    }

    void route(Front front, String usualModel) {
        front.route("GET /api/agents", request -> request.answer(200, Map.of("items", agents.all())))
                .route("GET /api/agents/*", request -> request.answer(200, found(request)))
                .route("PUT /api/agents/*", request -> {
                    Agent agent = request.json(Wish.class).agent(request.id(), usualModel);
                    boolean known = agents.find(agent.id()) != null;
                    agents.put(agent);
                    request.answer(known ? 200 : 201, agent);
                })
                .route("DELETE /api/agents/*", request -> {
                    if (!agents.delete(request.id())) {
                        throw Problem.notFound("agent " + request.id());
                    }
                    gate.forget(request.id());
                    request.send(204, "", new byte[0]);
                });
    }

    private Agent found(Request request) {
        Agent agent = agents.find(request.id());
        if (agent == null) {
            throw Problem.notFound("this agent");
        }
        return agent;
    }
}
