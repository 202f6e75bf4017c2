package io.penstock.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP that is none: the server refuses it or hangs up, and never takes a part of one request for another. */
@ExtendWith(RigExtension.class)
final class BrokenHttpTest {
    private static final int NOISES = 400;

    /** A request that would be answered 405 if somebody took it for one. */
    private static final String SMUGGLED = "PROPFIND /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

    private static String post(String headers, String body) {
        return "POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers
                + "\r\n" + body;
    }

    static Stream<Arguments> wrongs() {
        String end = "Connection: close\r\n\r\n";
        return Stream.of(
                Arguments.of("no version", "GET /livez\r\n\r\n"),
                Arguments.of("an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                Arguments.of("no method", " /livez HTTP/1.1\r\nHost: localhost\r\n" + end),
                Arguments.of("NUL in the path", "GET /live\0z HTTP/1.1\r\nHost: localhost\r\n" + end),
                Arguments.of("NUL in a header", "GET /api/v1/info HTTP/1.1\r\nHost: local\0host\r\n" + end),
                Arguments.of(
                        "control characters as method", "\u0001\u0002\u0003 / HTTP/1.1\r\nHost: localhost\r\n" + end),
                Arguments.of("a header without colon", "GET /api/v1/info HTTP/1.1\r\nHost localhost\r\n" + end),
                Arguments.of("no host", "GET /api/v1/info HTTP/1.1\r\n" + end),
                Arguments.of("two hosts", "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n" + end),
                Arguments.of("TLS", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003"),
                Arguments.of(
                        "length and chunks", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
                Arguments.of("two lengths", post("Content-Length: 2\r\nContent-Length: 60\r\n", "{}")),
                Arguments.of("a list of lengths", post("Content-Length: 2, 2\r\n", "{}")),
                Arguments.of("a negative length", post("Content-Length: -1\r\n", "{}")),
                Arguments.of("a signed length", post("Content-Length: +2\r\n", "{}")),
                Arguments.of("a length in hex", post("Content-Length: 0x2\r\n", "{}")),
                Arguments.of("a length beyond numbers", post("Content-Length: 99999999999999999999\r\n", "{}")),
                Arguments.of("an empty length", post("Content-Length: \r\n", "{}")),
                Arguments.of("a length that is a word", post("Content-Length: two\r\n", "{}")),
                Arguments.of("an unknown encoding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
                Arguments.of(
                        "two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "0\r\n\r\n")),
                Arguments.of("a chunk of no size", post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n")),
                Arguments.of(
                        "a chunk of negative size", post("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n")),
                Arguments.of(
                        "a chunk beyond numbers",
                        post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n")),
                Arguments.of("headers too large", "GET /livez HTTP/1.1\r\nX: " + "x".repeat(40_000) + "\r\n" + end),
                Arguments.of(
                        "a path too long", "GET /" + "x".repeat(40_000) + " HTTP/1.1\r\nHost: localhost\r\n" + end),
                Arguments.of("too many headers", "GET /livez HTTP/1.1\r\n" + "X: y\r\n".repeat(200) + end),
                Arguments.of(
                        "too many parameters",
                        "GET /livez?" + "a=b&".repeat(200) + " HTTP/1.1\r\nHost: localhost\r\n" + end));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongs")
    void refuses(String what, String request, Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(request);
            wire.endOfSending();
            String all = wire.all();
            assertThat(ANSWER.matcher(all).results().map(answer -> answer.group(1)))
                    .as(what + ": " + all)
                    .allMatch(status -> status.startsWith("4") || status.equals("505"))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    static Stream<Arguments> smuggling() {
        return Stream.of(
                Arguments.of(
                        "CL.TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + SMUGGLED)),
                Arguments.of(
                        "TE.CL",
                        post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2\r\n{}\r\n0\r\n\r\n" + SMUGGLED)),
                Arguments.of(
                        "TE.TE",
                        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n" + SMUGGLED)),
                Arguments.of(
                        "TE in disguise",
                        post("Transfer-Encoding : chunked\r\nContent-Length: 2\r\n", "{}" + SMUGGLED)),
                Arguments.of(
                        "TE after a tab",
                        post("Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + SMUGGLED)),
                Arguments.of("two lengths", post("Content-Length: 0\r\nContent-Length: 2\r\n", SMUGGLED)));
    }

    /** What follows may be a request of its own or nothing: it must not be answered while part of a body was meant. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("smuggling")
    void leavesNoRoomForASecondRequestWhereLengthsDisagree(String what, String request, Rig rig) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(request);
            wire.endOfSending();
            String all = wire.all();
            assertThat(all)
                    .as(what)
                    .doesNotContain("HTTP/1.1 405")
                    .doesNotContain("HTTP/1.1 2")
                    .doesNotContain("HTTP/1.1 5");
        }
    }

    /** Sends two requests on one connection and returns the answers' statuses. */
    private static List<String> answers(Rig rig, String first, String second) throws IOException {
        try (Wire wire = new Wire(rig)) {
            wire.send(first + second);
            wire.endOfSending();
            return ANSWER.matcher(wire.all())
                    .results()
                    .map(answer -> answer.group(1))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1x", "HTTP/11", "SPDY/3"})
    void hangsUpOnAVersionThatItDoesNotSpeak(String version, Rig rig) throws IOException {
        for (String path : List.of("/", "/livez", "/api/v1/info", "/ui/x/main.js")) {
            String request = "GET " + path + " " + version + "\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
            assertThat(answers(rig, request, SMUGGLED))
                    .as(path)
                    .isSubsetOf("505", "400")
                    .hasSizeLessThan(2);
        }
    }

    /** The parser takes these for 1.1 and tells nobody; see docs/security.md. */
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.2", "HTTP/9.9"})
    void answersLaterVersionsInItsOwn(String version, Rig rig) throws IOException {
        String request = "GET /livez " + version + "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assertThat(answers(rig, request, SMUGGLED)).containsExactly("200");
    }

    @Test
    void speaksTheTwoVersionsThatThereAre(Rig rig) throws IOException {
        String next = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assertThat(answers(rig, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", ""))
                .containsExactly("200");
        assertThat(answers(rig, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", next))
                .containsExactly("200", "200");
    }

    static Stream<Arguments> chunks() {
        return Stream.of(
                Arguments.of("as they should be", "2\r\n{}\r\n0\r\n\r\n"),
                Arguments.of("an extension with a bare line feed", "2;a\n{}\r\n0\r\n\r\n"),
                Arguments.of("an extension that hides a chunk", "2;a\n{}\n0\n\n"),
                Arguments.of("something between a chunk and its end", "2\r\n{}xyz\r\n0\r\n\r\n"),
                Arguments.of("a trailer", "2\r\n{}\r\n0\r\nContent-Length: 60\r\n\r\n"),
                Arguments.of("a size beyond 56 bits", "100000000000000002\r\n{}\r\n0\r\n\r\n"));
    }

    /** Undertow's reader of chunks forgives what it should not; nothing behind them is taken for a request. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("chunks")
    void answersNothingBehindChunks(String what, String body, Rig rig) throws IOException {
        String request = post("Transfer-Encoding: chunked\r\n", body);
        assertThat(answers(rig, request, SMUGGLED)).as(what).hasSizeLessThan(2).doesNotContain("405");
    }

    @Test
    void knowsNoChunksInHttp10(Rig rig) throws IOException {
        String request = post("Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")
                .replace("HTTP/1.1", "HTTP/1.0");
        assertThat(answers(rig, request, SMUGGLED)).isSubsetOf("400").hasSizeLessThan(2);
    }

    static Stream<Arguments> folds() {
        return Stream.of(
                Arguments.of("a length", "Content-Length: 2\r\n 0\r\n", "{}"),
                Arguments.of("a length after nothing", "Content-Length:\r\n 2\r\n", "{}"),
                Arguments.of("chunks", "Transfer-Encoding:\r\n chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
                Arguments.of(
                        "chunks of another", "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "{}"));
    }

    /** A fold is one space before anything is read, as RFC 9112, section 5.2 allows: a value, never a header of its own. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("folds")
    void takesAFoldForASpace(String what, String headers, String body, Rig rig) throws IOException {
        List<String> answers = answers(rig, post("Connection: close\r\n" + headers, body), SMUGGLED);
        assertThat(answers)
                .as(what)
                .hasSizeLessThan(2)
                .allMatch(status -> status.startsWith("4") && !status.equals("405"));
    }

    @Test
    void survivesNoise(Rig rig) throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.err.println("BrokenHttpTest: -Dseed=" + seed);
        Random random = new Random(seed);
        String[] seeds = wrongs().map(wrong -> (String) wrong.get()[1]).toArray(String[]::new);
        for (int i = 0; i < NOISES; i++) {
            byte[] noise = seeds[random.nextInt(seeds.length)].getBytes(StandardCharsets.ISO_8859_1);
            for (int j = random.nextInt(6); j >= 0; j--) {
                noise[random.nextInt(noise.length)] = (byte) (random.nextInt(3) > 0 ? random.nextInt(256) : '\n');
            }
            try (Wire wire = new Wire(rig)) {
                wire.send(noise);
                wire.endOfSending();
                assertThat(wire.all()).as("seed=%d i=%d", seed, i).doesNotContain("HTTP/1.1 500");
            } catch (java.net.SocketException hungUp) {
                // before all was sent
            }
        }
        assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);
    }
}
