package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RigExtension.class)
final class LimitsTest {
    private final String jobs = "/api/v1/queues/" + Rig.queue() + "/jobs";

    private String head(Rig rig, String method, String path) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + rig.token() + "\r\n";
    }

    @Test
    void takesABodyOfAMegabyteAndNoMore(Rig rig) {
        String fits = "{\"type\":\"x.y\",\"payload\":\"" + "x".repeat(200_000) + "\"}";
        assertThat(rig.post(jobs, fits + " ".repeat((1 << 20) - fits.length())).status())
                .isEqualTo(201);
        Rig.Answer over = rig.post(jobs, fits + " ".repeat((1 << 20) + 1 - fits.length()));
        assertThat(over.status()).isEqualTo(413);
        assertThat(over.problem()).isEqualTo("too-large");
        assertThat(rig.post("/api/v1/leases", " ".repeat((64 << 10) + 1)).status())
                .isEqualTo(413);
    }

    @RepeatedTest(200) // hanging up on a client that still writes lost 2 answers of 100
    void answersAClientThatStillSendsWhatIsRefused(Rig rig) {
        assertThat(rig.post(jobs, " ".repeat((1 << 20) + 1)).status()).isEqualTo(413);
    }

    @Test
    void stopsAChunkedBodyThatTellsNoLength(Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(head(rig, "POST", jobs) + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + " ".repeat(1 << 16) + "\r\n";
            int status = 0;
            try {
                for (int i = 0; i < 40; i++) {
                    wire.send(chunk);
                }
            } catch (IOException hungUp) {
                status = 413; // it answered and hung up before we had sent everything
            }
            assertThat(status == 0 ? wire.status() : status).isIn(413, 0);
        }
    }

    @Test
    void refusesEncodedBodies(Rig rig) {
        for (String encoding : new String[] {"gzip", "deflate", "br", "gzip, gzip"}) {
            Rig.Answer answer =
                    rig.send("POST", jobs, "{}", "Content-Type", "application/json", "Content-Encoding", encoding);
            assertThat(answer.status()).isEqualTo(415);
            assertThat(answer.problem()).isEqualTo("unsupported-encoding");
        }
        assertThat(rig.send(
                                "POST",
                                jobs,
                                "{\"type\":\"x\"}",
                                "Content-Type",
                                "application/json",
                                "Content-Encoding",
                                "identity")
                        .status())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/xml",
                "application/json; charset=utf-16",
                "application/x-ndjson",
                ""
            })
    void readsOnlyJson(String type, Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(head(rig, "POST", jobs) + "Content-Type: " + type + "\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(wire.status()).isEqualTo(415);
        }
    }

    @Test
    void takesNoBodyWhereNoneIsMeant(Rig rig) {
        String queue = Rig.queue();
        assertThat(rig.post("/api/v1/queues/" + queue + ":pause", "{ }").status())
                .isEqualTo(200);
        assertThat(rig.post("/api/v1/queues/" + queue + ":pause", "{\"a\":1}").problem())
                .isEqualTo("unknown-field");
        assertThat(rig.post("/api/v1/queues/" + queue + ":pause", " ".repeat(300))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void refusesDeepNestingAlsoInsideAPayload(Rig rig) {
        String deep = "[".repeat(64) + "]".repeat(64);
        Rig.Answer answer = rig.post(jobs, "{\"type\":\"x.y\",\"payload\":" + deep + "}");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text()).contains("nesting 64");
        assertThat(rig.post(jobs, "{\"type\":\"x.y\",\"payload\":" + deep.substring(1, 127) + "}")
                        .status())
                .isEqualTo(201);
        assertThat(rig.post(jobs, "[".repeat(500_000)).status()).isEqualTo(413);
    }

    @Test
    void boundsTheHeaders(Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(head(rig, "GET", "/api/v1/jobs") + "X-Large: " + "x".repeat(20_000) + "\r\n\r\n");
            assertThat(wire.status()).isIn(0, 400, 413, 431);
        }
        try (Wire wire = new Wire(rig)) {
            StringBuilder many = new StringBuilder(head(rig, "GET", "/livez"));
            for (int i = 0; i < 100; i++) {
                many.append("X-").append(i).append(": 1\r\n");
            }
            wire.send(many + "\r\n");
            assertThat(wire.status()).isIn(0, 400, 431);
        }
        assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);
    }

    @Test
    void answersOnlyToItsOwnNames(Rig rig) throws IOException {
        for (String host : new String[] {"evil.example", "evil.example:" + rig.port(), "127.0.0.1.evil.example"}) {
            for (String path : new String[] {"/livez", "/", "/api/v1/jobs"}) {
                try (Wire wire = new Wire(rig)) {
                    wire.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + rig.token()
                            + "\r\n\r\n");
                    assertThat(wire.status()).as(host + path).isEqualTo(421);
                }
            }
        }
        try (Wire wire = new Wire(rig)) {
            wire.send("GET /livez HTTP/1.1\r\nHost: LocalHost:1\r\n\r\n");
            assertThat(wire.status()).isEqualTo(200);
        }
    }

    @Test
    void hangsUpOnHeadersThatDoNotComeAndServesOthersMeanwhile(Rig rig) throws IOException {
        List<Wire> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                slow.add(new Wire(rig).send("GET /livez HTTP/1.1\r\nHost: loc"));
            }
            Instant begin = Instant.now();
            for (int i = 0; i < 50; i++) {
                assertThat(rig.get("/api/v1/queues?limit=1").status()).isEqualTo(200);
            }
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(30));
            assertThat(slow.get(0).hungUp()).isTrue();
            assertThat(slow.get(299).hungUp()).isTrue();
        } finally {
            for (Wire wire : slow) {
                wire.close();
            }
        }
    }

    @Test
    void answersBeforeAnEarlyRefusedBodyIsSentAndThrowsItAway(Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(
                    "POST " + jobs
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");
            assertThat(wire.status()).isEqualTo(401);
            String disguised = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
            wire.send(disguised + " ".repeat(999 - disguised.length()));
            wire.send("GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(wire.rest()).doesNotContain("HTTP/1.1 200").containsOnlyOnce("HTTP/1.1 401");
        }
    }

    @Test
    void saysContinueToWhoWaitsForIt(Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            String body = "{\"type\":\"x.y\"}";
            wire.send(head(rig, "POST", jobs)
                    + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: " + body.length()
                    + "\r\n\r\n");
            assertThat(wire.status()).isEqualTo(100);
            wire.send(body);
            wire.status(); // the empty line after the interim answer
            assertThat(wire.status()).isEqualTo(201);
        }
    }
}
