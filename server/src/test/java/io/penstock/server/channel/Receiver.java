package io.penstock.server.channel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.delivery.Outbound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A web server that takes what channels post, answers what a test says, and keeps it. */
final class Receiver implements AutoCloseable {
    /** What came in. */
    record Got(URI uri, Map<String, List<String>> headers, String text) {
        JsonNode json() {
            try {
                return new JsonMapper().readTree(text);
            } catch (IOException e) {
                throw new AssertionError(text, e);
            }
        }

        String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }
    }

    private final HttpServer server;
    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private volatile int status = 200;
    private volatile String answer = "ok";
    private volatile Map<String, String> headers = Map.of();

    Receiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            got.add(new Got(
                    exchange.getRequestURI(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    new String(body, StandardCharsets.UTF_8)));
            headers.forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : 0); // 0 = in chunks
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    Receiver answers(int next, String text, Map<String, String> more) {
        status = next;
        answer = text;
        headers = more;
        return this;
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    /** The way out for channels that may reach this. */
    HttpChannel.Office office() {
        return new HttpChannel.Office(outbound("http://127.0.0.1:" + port()), Clock.system());
    }

    Outbound outbound(String... allowed) {
        return new Outbound(new AllowList(List.of(allowed)), timer);
    }

    Got next() {
        try {
            Got one = got.poll(10, TimeUnit.SECONDS);
            if (one == null) {
                throw new AssertionError("nothing came");
            }
            return one;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    boolean quiet() {
        return got.isEmpty();
    }

    @Override
    public void close() {
        server.stop(0);
        timer.close();
        threads.close();
    }
}
