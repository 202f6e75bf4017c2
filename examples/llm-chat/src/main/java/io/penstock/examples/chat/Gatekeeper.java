package io.penstock.examples.chat;

import io.penstock.limit.Answer;
import io.penstock.limit.Charge;
import io.penstock.limit.Limit;
import io.penstock.limit.Limits;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Who may ask how much: requests of a tenant, its tokens of a day, requests of an agent. Penstock counts, for all processes. */
final class Gatekeeper {
    private static final String REQUESTS = "chat-requests";
    private static final String TOKENS = "chat-tokens";
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Limits limits;
    private final int tokensPerDay;
    private final Map<String, Integer> agents = new ConcurrentHashMap<>(); // requests a minute, as they are defined

    Gatekeeper(Limits limits, int requestsPerMinute, int tokensPerDay) {
        this.limits = limits;
        this.tokensPerDay = tokensPerDay;
        limits.define(Limit.window(REQUESTS, requestsPerMinute, MINUTE));
        limits.define(Limit.bucket(TOKENS, tokensPerDay, Duration.ofDays(1)));
    }

    /**
     * Lets one request in.
     *
     * @throws Problem 429 with what is used up, and until when
     */
    void enter(String tenant, Agent agent) {
        pass(REQUESTS, tenant);
        String ofAgent = "agent." + agent.id();
        agents.computeIfPresent(agent.id(), (id, known) -> known == agent.requestsPerMinute() ? known : null);
        agents.computeIfAbsent(agent.id(), id -> {
            limits.define(Limit.window(ofAgent, agent.requestsPerMinute(), MINUTE));
            return agent.requestsPerMinute();
        });
        pass(ofAgent, "all");
        pass(TOKENS, tenant); // one now, what the answer may cost when it is asked for
    }

    void forget(String agent) {
        agents.remove(agent);
        limits.remove("agent." + agent);
    }

    private void pass(String limit, String key) {
        if (limits.acquire(limit, key, 1) instanceof Answer.Denied no) {
            throw Problem.denied(limit, no);
        }
    }

    /** Takes what an answer may cost off the budget of a tenant, or what is left of that; null = nothing is. */
    @Nullable
    Charge reserve(String tenant, long mostTokens) {
        Answer answer = limits.acquire(TOKENS, tenant, Math.min(mostTokens, tokensPerDay));
        if (answer instanceof Answer.Denied no && no.remaining() > 0) {
            answer = limits.acquire(TOKENS, tenant, no.remaining());
        }
        return answer instanceof Answer.Allowed yes ? yes.permit().charge() : null;
    }

    /** Gives back what was reserved and not used, or takes what was used beyond it. */
    void settle(String tenant, @Nullable Charge reserved, int tokens) {
        long open = tokens - 1L - (reserved == null ? 0 : reserved.permits()); // one was taken at the door
        if (reserved != null && open < 0) {
            var unused = limits.refund(reserved, Math.min(-open, reserved.permits()));
        } else if (open > 0) {
            var unused = reserve(tenant, open);
        }
    }
}
