package io.penstock.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.runtime.Clock;
import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Holders;
import io.penstock.server.caller.Sessions;
import io.penstock.server.redact.Redactor;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.undertow.Undertow;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The door alone, with endpoints that misbehave. */
final class FrontTest {
    private final Traffic traffic = new Traffic(Clock.system(), 64 << 20, Duration.ofMillis(200));
    private final CompletableFuture<Reply> later = new CompletableFuture<>();
    private final AtomicBoolean takenBack = new AtomicBoolean();
    private final HttpClient client = HttpClient.newHttpClient();
    private Undertow undertow;
    private int port;

    @BeforeEach
    void open() {
        Routes routes = new Routes(List.of(
                Route.get("/live", call -> Reply.text("text/plain", "ok"))
                        .asOpen()
                        .asInstant(),
                Route.get("/boom", call -> {
                    throw new IllegalStateException("secret detail");
                }),
                Route.postLater("/later", call -> later),
                Route.postLater(
                        "/fails-later",
                        call -> CompletableFuture.failedFuture(new IllegalStateException("secret detail"))),
                Route.post("/echo", call -> Reply.of(200, "application/json", call.body()))
                        .creating(),
                Route.post("/large", call -> Reply.of(200, "application/json", call.body()))
                        .large()));
        Front.Guards guards = new Front.Guards(
                new HostGuard(Set.of(), false),
                new Auth("token-token-token", new Sessions("token-token-token", Clock.system()), Holders.NONE),
                new RoleGuard(false),
                traffic,
                RateGuard.OFF);
        Front front = new Front(
                routes,
                guards,
                new Idempotency(Clock.system(), null),
                new Meters(Clock.system()),
                failure -> Problem.of(ProblemType.INTERNAL, "it broke"),
                new Front.Watch(Redactor.STANDARD, deed -> {}));
        undertow = Undertow.builder()
                .addHttpListener(0, "127.0.0.1", front)
                .setIoThreads(1)
                .setWorkerThreads(4)
                .build();
        undertow.start();
        port = ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    @AfterEach
    void close() {
        undertow.stop();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer token-token-token");
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private Socket open(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String head(String path, int length) {
        return "POST " + path
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer token-token-token\r\nContent-Type: application/json\r\nContent-Length: "
                + length + "\r\n\r\n";
    }

    @Test
    void tellsAFaultOfOursWithoutItsInside() throws Exception {
        for (HttpResponse<String> response : List.of(send(request("/boom").build()), post("/fails-later", "{}"))) {
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(response.body()).contains("\"detail\":\"it broke\"").doesNotContain("secret");
            assertThat(response.headers().firstValue("X-Request-Id").orElse("")).isNotEmpty();
        }
    }

    @Test
    void answersLaterFromAnotherThread() throws Exception {
        CompletableFuture<HttpResponse<String>> waiting = client.sendAsync(
                request("/later")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        await().until(() -> traffic.requests() == 1);
        later.complete(Reply.text("text/plain", "at last"));
        assertThat(waiting.get().body()).isEqualTo("at last");
        await().until(() -> traffic.requests() == 0);
    }

    @Test
    void takesBackWhatCouldNotBeDelivered() throws Exception {
        Socket gone = open(head("/later", 2) + "{}");
        await().until(() -> traffic.requests() == 1);
        gone.setSoLinger(true, 0); // a reset, not a goodbye
        gone.close();
        // large, so that it does not fit into the socket's buffer before the reset is noticed
        later.complete(Reply.of(200, "application/json", new byte[32 << 20]).onUndelivered(() -> takenBack.set(true)));
        await().untilTrue(takenBack);
    }

    @Test
    void refusesMoreRequestsThanItMayHold() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < Limits.REQUESTS; i++) {
                held.add(open(head("/later", 2) + "{}"));
            }
            await().until(() -> traffic.requests() == Limits.REQUESTS);
            HttpResponse<String> response = post("/echo", "{}");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.body()).contains("/busy");
            assertThat(response.headers().firstValue("Retry-After")).contains("1");
            assertThat(send(request("/live").build()).statusCode()).isEqualTo(200);
        } finally {
            later.complete(Reply.noContent());
            for (Socket socket : held) {
                socket.close();
            }
        }
        await().until(() -> traffic.requests() == 0);
    }

    @Test
    void refusesMoreBytesThanItMayHold() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                held.add(open(head("/large", 1 << 20) + "{"));
            }
            await().until(() -> traffic.bytes() == 8 << 20);
            assertThat(post("/large", "{}").statusCode()).isEqualTo(503);
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
        await().until(() -> traffic.bytes() == 0);
        assertThat(post("/large", "{}").statusCode()).isEqualTo(200);
    }

    @Test
    void hangsUpOnABodyThatDoesNotCome() throws Exception {
        try (Socket slow = open(head("/echo", 10) + "{")) {
            await().until(() -> traffic.bytes() > 0);
            await().until(() -> {
                traffic.closeLate();
                return traffic.bytes() == 0;
            });
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(traffic.requests()).isZero();
    }

    @Test
    void takesNoNewWorkOnceItCloses() throws Exception {
        traffic.close();
        HttpResponse<String> creating = post("/echo", "{}");
        assertThat(creating.statusCode()).isEqualTo(503);
        assertThat(creating.body()).contains("/shutting-down");
        assertThat(post("/large", "{}").statusCode()).isEqualTo(200);
    }
}
