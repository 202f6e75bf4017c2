package io.penstock.server.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.memory.MemoryLevel;
import io.penstock.server.Keys;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class LiveApiTest {
    /** One who listens, over a plain socket: what is sent is seen as it is sent. */
    private static final class Ear implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Ear(Rig rig, String topics, String... more) throws IOException {
            this(rig, null, topics, more);
        }

        Ear(Rig rig, Keys keys, String topics, String... more) throws IOException {
            socket = new Socket(InetAddress.getByName("127.0.0.1"), rig.port());
            socket.setSoTimeout(30_000);
            String head =
                    "GET /api/v1/events?topics=" + topics + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + (keys == null ? rig.token() : keys.token()) + "\r\n" + String.join("", more) + "\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        String status() throws IOException {
            return in.readLine();
        }

        /** Reads on to the next event of this name and returns its data. */
        String next(String event) throws IOException {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("event: " + event)) {
                    return in.readLine().substring("data: ".length());
                }
            }
            throw new AssertionError("the stream ended before " + event);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static double listeners(Rig rig) {
        return rig.get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("penstock_http_listeners"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(-1);
    }

    @Test
    void tellsATokenOfSomeQueuesOfThoseAndNoMoreOnceItIsRevoked(Rig rig) throws IOException {
        String own = Rig.queue() + ".own";
        String foreign = Rig.queue() + ".foreign";
        rig.enqueue(own, "{\"type\":\"nobody.does\"}");
        rig.enqueue(foreign, "{\"type\":\"nobody.does\"}");
        Keys keys = Keys.of(rig, Role.VIEWER, own);
        try (Ear ear = new Ear(rig, keys, "overview,queues,workers,alerts")) {
            assertThat(ear.status()).contains("200");
            assertThat(ear.next("overview")).contains(own).doesNotContain(foreign);
            assertThat(ear.next("queues")).contains(own).doesNotContain(foreign);
            rig.send("DELETE", "/api/v1/tokens/" + keys.token().substring(3, 19), null);
            while (ear.in.readLine() != null) {
                // what it was told before
            }
        } catch (SocketException hungUp) {
            // as well: what was unread is thrown away
        }
    }

    @Test
    void tellsEverythingAtFirstAndThenWhatChanged(Rig rig) throws IOException {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        try (Ear ear = new Ear(rig, "overview,queues,queue:" + queue)) {
            assertThat(ear.status()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(ear.next("hello")).contains("\"intervalMillis\":");
            assertThat(ear.next("overview")).contains("\"problems\":", "\"busiest\":", "\"lineBytes\":");
            assertThat(ear.next("queue:" + queue)).contains("\"waiting\":1");
            assertThat(ear.next("queues")).contains("\"all\":true", "\"name\":\"" + queue + "\"");
            rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
            String changed = ear.next("queues");
            while (!changed.contains("\"name\":\"" + queue + "\",\"status\":\"active\",\"counts\":{\"waiting\":2")) {
                assertThat(changed).contains("\"all\":false");
                changed = ear.next("queues");
            }
        }
    }

    @Test
    void tellsTheSameAsTheRoutes(Rig rig) throws IOException {
        try (Ear ear = new Ear(rig, "memory,redis,pool,workers,alerts")) {
            for (String topic : List.of("alerts", "memory", "pool", "redis", "workers")) {
                List<String> told = new ArrayList<>();
                new JsonMapper().readTree(ear.next(topic)).fieldNames().forEachRemaining(told::add);
                List<String> asked = new ArrayList<>();
                rig.get("/api/v1/" + (topic.equals("pool") ? "redis/pool" : topic))
                        .json()
                        .fieldNames()
                        .forEachRemaining(asked::add);
                assertThat(told).as(topic).isEqualTo(asked);
            }
        }
    }

    @Test
    void beginsAnewForWhoComesBack(Rig rig) throws IOException {
        try (Ear ear = new Ear(rig, "overview", "Last-Event-ID: 0-1\r\n")) {
            assertThat(ear.next("reset")).isEqualTo("{}");
            assertThat(ear.next("overview")).isNotEmpty();
        }
    }

    @Test
    void refusesWhatItDoesNotKnow(Rig rig) {
        assertThat(rig.get("/api/v1/events").problem()).isEqualTo("invalid-value");
        assertThat(rig.get("/api/v1/events?topics=overveiw").text()).contains("did you mean \\\"overview\\\"?");
        assertThat(rig.get("/api/v1/events?topics=queue:..%2f").status()).isEqualTo(400);
        assertThat(rig.get(
                                "/api/v1/events?topics=queue:a,queue:b,queue:c,queue:d,queue:e,queue:f,queue:g,queue:h,redis")
                        .status())
                .isEqualTo(400);
        assertThat(rig.bare("GET", "/api/v1/events?topics=overview").status()).isEqualTo(401);
        assertThat(rig.send("HEAD", "/api/v1/events?topics=overview", null).status())
                .isEqualTo(200);
    }

    @Test
    void takesSoManyAndNoMore(EmbeddedRedis redis) throws IOException {
        try (Rig own = Rig.start(redis, flags -> {})) { // nobody else listens to it
            takesSoManyAndNoMore(own);
        }
    }

    private void takesSoManyAndNoMore(Rig rig) throws IOException {
        List<Ear> ears = new ArrayList<>();
        try {
            for (int i = 0; i < Live.MOST; i++) {
                Ear ear = new Ear(rig, "pool");
                assertThat(ear.status()).contains("200");
                ears.add(ear);
            }
            await().until(() -> listeners(rig) == Live.MOST);
            Rig.Answer refused = rig.get("/api/v1/events?topics=pool");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("10");
        } finally {
            for (Ear ear : ears) {
                ear.close();
            }
        }
        // nothing is said to them meanwhile: that they left is seen all the same
        await().until(() -> listeners(rig) == 0);
    }

    @Test
    void tellsLessOftenAsMemoryTightens() {
        assertThat(Live.interval(MemoryLevel.NORMAL)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Live.interval(MemoryLevel.HIGH)).isEqualTo(Duration.ofSeconds(5));
        assertThat(Live.interval(MemoryLevel.EMERGENCY)).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void showsTheWholeInstallationAtOnce(Rig rig) {
        String queue = Rig.queue();
        rig.enqueue(queue, "{\"type\":\"nobody.does\"}");
        rig.post("/api/v1/queues/" + queue + ":pause", null);
        // a look is good for half a second
        await().until(() -> rig.get("/api/v1/overview")
                .json()
                .path("problems")
                .toString()
                .contains("\"kind\":\"paused\",\"severity\":\"info\",\"subject\":\"" + queue + "\""));
    }
}
