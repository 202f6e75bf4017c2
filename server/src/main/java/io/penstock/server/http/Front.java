package io.penstock.server.http;

import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Caller;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import io.undertow.io.IoCallback;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;

/**
 * The one door for every request: dialect of HTTP, name of the host, token, route, role, query, body, in this order, before any endpoint runs.
 *
 * <p>Threads: headers and bodies are read on the I/O threads, which never wait; endpoints run on the workers.
 */
public final class Front implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);
    static final HttpString REQUEST_ID = new HttpString("X-Request-Id");
    private static final HttpString IDEMPOTENCY_KEY = new HttpString("Idempotency-Key");

    /** Above the limits of all routes, so that they answer; it bounds what is thrown away of a refused body. */
    private static final long MOST_BYTES = 4L * Limits.BODY_BYTES;

    /** Bytes that a route without a body still reads, so that a polite {@code {}} passes. */
    private static final int NO_BODY_BYTES = 256;

    private static final Map<HttpString, String> SAFETY = Map.of(
            new HttpString("X-Content-Type-Options"), "nosniff",
            new HttpString("X-Frame-Options"), "DENY",
            new HttpString("Content-Security-Policy"),
                    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
            new HttpString("Referrer-Policy"), "no-referrer",
            new HttpString("Cross-Origin-Resource-Policy"), "same-origin",
            new HttpString("Cache-Control"), "no-store");

    private final Routes routes;
    private final Guards guards;
    private final Idempotency idempotency;
    private final Meters meters;

    private final Function<Throwable, Problem> translator;
    private final Watch watch;
    private final Deeds deeds;

    /**
     * What a request must pass before anything is done for it.
     *
     * @param auth tells the holder of the token
     * @param roles tells what the caller may do
     * @param rate counts the requests of each token, but for routes that never touch Redis
     */
    public record Guards(HostGuard hosts, Auth auth, RoleGuard roles, Traffic traffic, RateGuard rate) {}

    /**
     * What looks at requests without having a say in them.
     *
     * @param redactor takes secrets out of what people see
     * @param witness is told of every write that is over
     */
    public record Watch(Redactor redactor, Witness witness) {}

    /** @param translator says what an error of an endpoint means to the client */
    public Front(
            Routes routes,
            Guards guards,
            Idempotency idempotency,
            Meters meters,
            Function<Throwable, Problem> translator,
            Watch watch) {
        this.routes = routes;
        this.guards = guards;
        this.idempotency = idempotency;
        this.meters = meters;
        this.translator = translator;
        this.watch = watch;
        this.deeds = new Deeds(routes, meters, watch.witness());
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getResponseHeaders();
        SAFETY.forEach(headers::put);
        headers.put(REQUEST_ID, requestId(exchange));
        deeds.begin(exchange);
        Ceiling.over(exchange, MOST_BYTES);
        try {
            admit(exchange);
        } catch (Throwable refused) {
            fail(exchange, refused);
        }
    }

    private void admit(HttpServerExchange exchange) {
        String path = exchange.getRelativePath();
        String method = exchange.getRequestMethod().toString();
        meters.started(exchange);
        Dialect.check(exchange);
        guards.hosts().check(exchange.getRequestHeaders().getFirst(Headers.HOST));
        Caller caller = routes.open(path) ? null : enter(exchange);
        if (method.equals("OPTIONS") && !routes.methods(path).isEmpty()) {
            send(exchange, Reply.noContent().header("Allow", String.join(", ", routes.methods(path))));
            return;
        }
        Routes.Match match = routes.find(method, path);
        meters.routed(exchange, match.route());
        if (match.route().open()) {
            guards.roles().checkMode(match.route());
        } else {
            // the same path may answer another method without a token
            guards.roles().check(match.route(), match.path(), caller == null ? enter(exchange) : caller);
        }
        if (match.route().creates() && guards.traffic().closing()) {
            throw Problem.of(
                    ProblemType.SHUTTING_DOWN,
                    "the server is shutting down; nothing was done; ask again once it is back");
        }
        checkQuery(exchange, match.route());
        if (exchange.isRequestComplete()) {
            run(exchange, match, new byte[0]);
        } else {
            receive(exchange, match);
        }
    }

    private Caller enter(HttpServerExchange exchange) {
        Caller caller = guards.auth().check(exchange);
        exchange.putAttachment(Call.CALLER, caller);
        exchange.putAttachment(Call.STILL, () -> guards.auth().still(exchange));
        guards.rate().known(exchange, caller.name());
        guards.traffic().enter(exchange);
        return caller;
    }

    private static void checkQuery(HttpServerExchange exchange, Route route) {
        for (Map.Entry<String, Deque<String>> parameter :
                exchange.getQueryParameters().entrySet()) {
            String name = parameter.getKey();
            if (!route.query().contains(name)) {
                throw Problem.of(
                        ProblemType.UNKNOWN_PARAMETER,
                        "query parameter \"" + Text.shown(name) + "\" is unknown; nothing was done; "
                                + Text.legal(name, route.query()));
            }
            if (parameter.getValue().size() > 1) {
                throw Problem.of(
                        ProblemType.INVALID_VALUE,
                        "query parameter " + name + " is there "
                                + parameter.getValue().size() + " times; nothing was done; send it once");
            }
        }
    }

    private void receive(HttpServerExchange exchange, Routes.Match match) {
        Route route = match.route();
        if (route.takesBody()) {
            checkType(exchange, route);
        }
        int most = route.takesBody() ? route.bodyBytes() : NO_BODY_BYTES;
        long told = exchange.getRequestContentLength();
        if (told > most) {
            throw tooLarge(most);
        }
        guards.traffic().expect(exchange, told < 0 ? most : told);
        Receiver receiver = exchange.getRequestReceiver();
        receiver.setMaxBufferSize(most);
        receiver.receiveFullBytes(
                (whole, body) -> {
                    guards.traffic().received(whole);
                    try {
                        run(whole, match, body);
                    } catch (Throwable refused) {
                        fail(whole, refused);
                    }
                },
                (broken, error) -> unread(broken, error, most));
    }

    private void unread(HttpServerExchange exchange, IOException error, int most) {
        boolean large = error instanceof Receiver.RequestToLargeException
                || error instanceof RequestTooBigException
                || error.getCause() instanceof RequestTooBigException;
        if (large) {
            fail(exchange, tooLarge(most));
        } else {
            IoUtils.safeClose(exchange.getConnection()); // the client left in the middle of its body
        }
    }

    private static Problem tooLarge(int most) {
        return Problem.of(
                ProblemType.TOO_LARGE,
                "the body is over the limit of " + most + " bytes; nothing was done; send less at once");
    }

    private static void checkType(HttpServerExchange exchange, Route route) {
        String encoding = exchange.getRequestHeaders().getFirst(Headers.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw Problem.of(
                    ProblemType.UNSUPPORTED_ENCODING,
                    "Content-Encoding \"" + Text.shown(encoding)
                            + "\" is not accepted; nothing was done; send the body as it is");
        }
        String type = mediaType(exchange);
        String whole = String.valueOf(exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE))
                .toLowerCase(Locale.ROOT);
        boolean utf8 = !whole.contains("charset=") || whole.contains("utf-8") || whole.contains("utf8");
        if (!route.bodyTypes().contains(type) || !utf8) {
            throw Problem.of(
                    ProblemType.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type \"" + Text.shown(whole) + "\" is not read here; nothing was done; send "
                            + String.join(" or ", route.bodyTypes()) + " in UTF-8");
        }
    }

    static String mediaType(HttpServerExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        if (type == null) {
            return "";
        }
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    private void run(HttpServerExchange exchange, Routes.Match match, byte[] body) {
        if (!match.route().takesBody()
                && !new String(body, StandardCharsets.UTF_8).strip().matches("|\\{\\s*}")) {
            throw Problem.of(ProblemType.UNKNOWN_FIELD, "this route takes no body; nothing was done; send none");
        }
        Call call = new Call(exchange, match.path(), body, watch.redactor());
        exchange.putAttachment(Deeds.CALL, call);
        Runnable answering = () -> answer(exchange, match.route(), call);
        exchange.dispatch(
                match.route().instant()
                        ? SameThreadExecutor.INSTANCE
                        : exchange.getConnection().getWorker(),
                answering);
    }

    private void answer(HttpServerExchange exchange, Route route, Call call) {
        try {
            if (!route.instant()) {
                guards.rate().pass(exchange);
            }
            String key = route.creates() ? call.header(IDEMPOTENCY_KEY) : null;
            // a key is its sender's: the answer of another may hold what this caller must not see
            String name = key == null ? null : Idempotency.name(call.caller().name() + " " + call.target(), key);
            Reply replayed = name == null ? null : idempotency.begin(name, Digest.sha256(call.body()));
            if (replayed != null) {
                send(exchange, replayed);
                return;
            }
            answerOnce(exchange, route, call, name);
        } catch (Throwable failed) {
            fail(exchange, failed);
        }
    }

    private void answerOnce(HttpServerExchange exchange, Route route, Call call, @Nullable String name)
            throws Exception {
        boolean handedOver = false;
        try {
            route.endpoint().answer(call).whenComplete((reply, failure) -> {
                remember(name, reply);
                if (reply != null) {
                    send(exchange, reply);
                } else {
                    fail(exchange, failure == null ? new IllegalStateException("no answer") : failure);
                }
            });
            handedOver = true;
        } finally {
            if (!handedOver) {
                remember(name, null);
            }
        }
    }

    private void remember(@Nullable String name, @Nullable Reply reply) {
        if (name == null) {
            return;
        }
        if (reply != null && reply.status() < 300) {
            idempotency.finish(name, reply);
        } else {
            idempotency.forget(name);
        }
    }

    private void fail(HttpServerExchange exchange, Throwable failure) {
        Throwable cause = Problem.cause(failure);
        String id = exchange.getResponseHeaders().getFirst(REQUEST_ID);
        Problem problem = cause instanceof Problem known ? known : translator.apply(cause);
        if (problem.type() == ProblemType.INTERNAL) {
            Route route = exchange.getAttachment(Meters.ROUTE); // the path may hold the token of a lease
            LOG.error("request={} {} failed", id, route == null ? "no route" : route.template(), cause);
        }
        send(exchange, Reply.of(problem, id == null ? "" : id));
    }

    private void send(HttpServerExchange exchange, Reply reply) {
        if (exchange.isResponseStarted() || exchange.isComplete()) {
            reply.undelivered().run();
            return;
        }
        if (!exchange.isRequestComplete()) {
            guards.traffic().drain(exchange);
        }
        Dialect.answer(exchange);
        exchange.setStatusCode(reply.status());
        exchange.putAttachment(Deeds.REPLY, reply);
        HeaderMap headers = exchange.getResponseHeaders();
        reply.headers().forEach((name, value) -> headers.put(new HttpString(name), value));
        if (reply.status() == 204) {
            exchange.endExchange();
            return;
        }
        headers.put(Headers.CONTENT_TYPE, reply.contentType());
        if (reply.stream() != null && !exchange.getRequestMethod().equals(Methods.HEAD)) {
            reply.stream().accept(exchange);
            return;
        }
        exchange.setResponseContentLength(reply.body().length);
        exchange.getResponseSender().send(ByteBuffer.wrap(reply.body()), new Delivery(reply));
    }

    private record Delivery(Reply reply) implements IoCallback {
        @Override
        public void onComplete(HttpServerExchange exchange, Sender sender) {
            IoCallback.END_EXCHANGE.onComplete(exchange, sender);
        }

        @Override
        public void onException(HttpServerExchange exchange, Sender sender, IOException gone) {
            try {
                reply.undelivered().run();
            } finally {
                IoCallback.END_EXCHANGE.onException(exchange, sender, gone);
            }
        }
    }

    /** Takes over the caller's id when it is harmless, so that its logs and ours tell the same story. */
    private static String requestId(HttpServerExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst(REQUEST_ID);
        boolean harmless = given != null && given.matches("[A-Za-z0-9._-]{1,64}");
        return harmless ? given : UUID.randomUUID().toString();
    }
}
