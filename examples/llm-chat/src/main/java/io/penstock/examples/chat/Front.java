package io.penstock.examples.chat;

import io.penstock.redis.RedisException;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.Options;

/**
 * The one door: host, route, body, in this order; then an endpoint, and every failure told as a {@link Problem}.
 *
 * <p>Threads: two that read and write and never wait, {@value #WORKERS} that run endpoints.
 */
final class Front implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);

    /** Each waits for Redis or the database most of its time; a hundred callers share them without being felt. */
    private static final int WORKERS = 16;

    private static final int MOST_BODY_BYTES = 64 << 10;

    /** Listeners of streams and callers; beyond it the machine's backlog waits. */
    private static final int MOST_CONNECTIONS = 2_000;

    private static final Map<HttpString, String> SAFETY = Map.of(
            new HttpString("X-Content-Type-Options"), "nosniff",
            new HttpString("Content-Security-Policy"),
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            new HttpString("Referrer-Policy"), "no-referrer",
            new HttpString("Cache-Control"), "no-cache");

    private final Map<String, Endpoint> routes = new HashMap<>(); // filled before the start
    private final Undertow server;

    /** What a route does; it answers, or somebody else will. */
    interface Endpoint {
        void answer(Request request) throws Exception;
    }

    Front(String bind, int port) {
        this.server = Undertow.builder()
                .addHttpListener(port, bind, this::enter)
                .setIoThreads(2)
                .setWorkerThreads(WORKERS)
                .setWorkerOption(Options.WORKER_NAME, "chat-http")
                .setBufferSize(4 << 10) // the default is 16 KiB each, made for larger heaps than 64 MB
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, (long) MOST_BODY_BYTES)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 10_000)
                .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 1_000)
                .setSocketOption(Options.BACKLOG, 1_024)
                .setSocketOption(Options.CONNECTION_HIGH_WATER, MOST_CONNECTIONS)
                .setSocketOption(Options.CONNECTION_LOW_WATER, MOST_CONNECTIONS - 64)
                .build();
    }

    /** Adds a route, {@code GET /api/agents} or {@code GET /api/agents/*}; before the start. */
    Front route(String route, Endpoint endpoint) {
        routes.put(route, endpoint);
        return this;
    }

    Front start() {
        server.start();
        return this;
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    private void enter(HttpServerExchange exchange) {
        SAFETY.forEach(exchange.getResponseHeaders()::put);
        String path = exchange.getRequestPath();
        String method = exchange.getRequestMethod().toString();
        int slash = Math.max(0, path.lastIndexOf('/'));
        Endpoint whole = routes.get(method + " " + path);
        Endpoint endpoint = whole != null ? whole : routes.get(method + " " + path.substring(0, slash) + "/*");
        if (!local(exchange)) {
            new Request(exchange, "", new byte[0])
                    .answer(Problem.of(421, "wrong-host", "this name is not ours; nothing was done"));
        } else if (endpoint == null) {
            new Request(exchange, "", new byte[0]).answer(Problem.notFound(method + " of this path"));
        } else {
            String id = whole != null ? "" : path.substring(slash + 1);
            exchange.getRequestReceiver()
                    .receiveFullBytes(
                            (read, body) -> read.dispatch(
                                    read.getConnection().getWorker(), () -> run(endpoint, new Request(read, id, body))),
                            (broken, error) -> new Request(broken, id, new byte[0])
                                    .answer(Problem.of(
                                            413, "too-large", "the body is over " + MOST_BODY_BYTES + " bytes")));
        }
    }

    /** On the loopback only its own names pass: else a page anywhere could point a name of its own at us. */
    private static boolean local(HttpServerExchange exchange) {
        if (!exchange.getDestinationAddress().getAddress().isLoopbackAddress()) {
            return true;
        }
        String host = exchange.getHostName();
        return host != null && host.matches("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[?::1]?|[\\w.-]+\\.localhost");
    }

    private static void run(Endpoint endpoint, Request request) {
        try {
            endpoint.answer(request);
        } catch (Throwable failed) {
            request.answer(told(failed));
        }
    }

    static Problem told(Throwable failed) {
        if (failed instanceof Problem problem) {
            return problem;
        }
        if (failed instanceof RedisException away) {
            return new Problem(503, "redis", String.valueOf(away.getMessage()), Duration.ofSeconds(2));
        }
        LOG.error("a request failed", failed);
        return Problem.of(500, "internal", "this failed here; the log tells more");
    }

    @Override
    public void close() {
        server.stop();
    }
}
