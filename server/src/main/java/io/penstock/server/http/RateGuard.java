package io.penstock.server.http;

import io.penstock.limit.Answer;
import io.penstock.limit.Limit;
import io.penstock.limit.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;

/**
 * Lets each token make so many requests a period, counted together with all other servers.
 *
 * <p>Cost: a round trip to Redis for each request, none when it is off. While Redis is away every request passes: it will
 * hear that from its endpoint. Threads: safe; {@link #pass} waits.
 */
public final class RateGuard {
    /** No limit. */
    public static final RateGuard OFF = new RateGuard(null, null);

    /** The name of the limit, in the headers and among the limits. */
    public static final String NAME = "api-token";

    private static final AttachmentKey<String> WHO = AttachmentKey.create(String.class);
    private static final HttpString POLICY = new HttpString("RateLimit-Policy");
    private static final HttpString STATE = new HttpString("RateLimit");

    private final @Nullable Limits limits;
    private final @Nullable Limit limit;

    private RateGuard(@Nullable Limits limits, @Nullable Limit limit) {
        this.limits = limits;
        this.limit = limit;
    }

    /** Guards by this limit, which it defines; null = no limit. */
    public static RateGuard of(Limits limits, @Nullable Limit limit) {
        if (limit == null) {
            return OFF;
        }
        limits.define(limit);
        return new RateGuard(limits, limit);
    }

    /** Notes whose request it is. */
    void known(HttpServerExchange exchange, String who) {
        exchange.putAttachment(WHO, who);
    }

    /**
     * Counts a request and says in its answer what is left; one without a token is not counted.
     *
     * @throws Problem RATE_LIMITED
     */
    void pass(HttpServerExchange exchange) {
        String who = exchange.getAttachment(WHO);
        if (limits == null || limit == null || who == null) {
            return;
        }
        Answer answer = limits.acquire(limit.name(), who, 1);
        if (!answer.guessed()) {
            exchange.getResponseHeaders().put(POLICY, limit.policyItem()).put(STATE, limit.stateItem(answer));
        }
        if (answer instanceof Answer.Denied no) {
            throw Problem.later(
                    ProblemType.RATE_LIMITED,
                    "this token has made its " + limit.permits() + " requests in " + limit.per()
                            + "; nothing was done; come again in "
                            + no.retryAfter().toMillis()
                            + " ms, or have api.rate raised",
                    no.retryAfter());
        }
    }
}
