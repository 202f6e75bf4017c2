package io.penstock.examples.chat.stub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.xnio.Options;

/**
 * A model server on the loopback: {@code POST /v1/chat/completions}, streamed or not, with the errors of the real ones.
 *
 * <p>Bound: one I/O thread, on which also the pace of all answers is kept; nobody waits. An answer holds about 1 KB.
 */
public final class StubModel implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of one request: a conversation of 20 long turns. */
    private static final long MOST_BODY_BYTES = 1 << 20;

    private final Undertow server;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private volatile StubSettings settings;

    private StubModel(int port, StubSettings settings) {
        this.settings = settings;
        this.server = Undertow.builder()
                .addHttpListener(port, "127.0.0.1", this::handle)
                .setIoThreads(1)
                .setWorkerThreads(1)
                .setWorkerOption(Options.WORKER_NAME, "stub-model")
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, MOST_BODY_BYTES)
                .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 1_000)
                .setSocketOption(Options.BACKLOG, 1_024)
                .build();
    }

    /** Starts one on this port of 127.0.0.1; 0 = any that is free. */
    public static StubModel start(int port, StubSettings settings) {
        StubModel model = new StubModel(port, settings);
        model.server.start();
        return model;
    }

    /** Runs one until the process ends: {@code StubModel 8099 firstTokenMillis=300 share429=0.1 ...}. */
    public static void main(String[] args) throws InterruptedException {
        Map<String, String> given = new HashMap<>();
        for (int i = 1; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            given.put(pair[0], pair.length == 2 ? pair[1] : "");
        }
        int port = args.length == 0 ? 8_099 : Integer.parseInt(args[0]);
        try (StubModel model = start(port, StubSettings.DEFAULT.with(given))) {
            System.out.println("stub model ready on " + model.endpoint());
            new CountDownLatch(1).await();
        }
    }

    /** Returns the port. */
    public int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    /** Returns what a client takes for the base address: {@code http://127.0.0.1:PORT/v1}. */
    public String endpoint() {
        return "http://127.0.0.1:" + port() + "/v1";
    }

    /** Behaves otherwise from the next request on. */
    public void settings(StubSettings other) {
        settings = other;
    }

    /** Returns how it behaves. */
    public StubSettings settings() {
        return settings;
    }

    /** Returns how many requests came. */
    public long calls() {
        return calls.get();
    }

    /** Returns how many requests are being answered. */
    public int open() {
        return open.get();
    }

    /** Returns the most that were answered at once. */
    public int mostOpen() {
        return mostOpen.get();
    }

    private void handle(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equals(Methods.POST)
                || !exchange.getRequestPath().equals("/v1/chat/completions")) {
            fail(exchange, 404, "not_found", "there is only POST /v1/chat/completions");
            return;
        }
        exchange.getRequestReceiver()
                .receiveFullBytes((whole, body) -> answer(whole, body), (broken, error) -> broken.endExchange());
    }

    private void answer(HttpServerExchange exchange, byte[] body) {
        JsonNode request;
        StubSettings now;
        try {
            request = JSON.readTree(body);
            Map<String, String> query = new HashMap<>();
            exchange.getQueryParameters().forEach((name, values) -> query.put(name, values.getFirst()));
            now = settings.with(query);
        } catch (IOException | IllegalArgumentException wrong) {
            fail(exchange, 400, "invalid_request_error", String.valueOf(wrong.getMessage()));
            return;
        }
        if (!request.path("messages").isArray() || request.path("messages").isEmpty()) {
            fail(exchange, 400, "invalid_request_error", "messages: at least one is needed");
            return;
        }
        long number = calls.incrementAndGet();
        SplittableRandom random = new SplittableRandom(now.seed() * 31 + number);
        double lot = random.nextDouble();
        if ((lot -= now.share429()) < 0) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, now.retryAfterSeconds());
            fail(exchange, 429, "rate_limit_exceeded", "Rate limit reached for requests");
        } else if ((lot -= now.share500()) < 0) {
            fail(exchange, 500, "server_error", "The server had an error while processing your request");
        } else {
            boolean hang = (lot -= now.shareHang()) < 0;
            boolean cut = !hang && lot - now.shareCut() < 0;
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
            exchange.addExchangeCompleteListener((ended, next) -> {
                open.decrementAndGet();
                next.proceed();
            });
            StubAnswer answer = new StubAnswer(exchange, now, random, new StubText(request, number));
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> answer.begin(hang, cut));
        }
    }

    private static void fail(HttpServerExchange exchange, int status, String type, String message) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(StubText.error(type, message));
    }

    /** Stops at once; streams that run are cut. */
    @Override
    public void close() {
        server.stop();
    }
}
