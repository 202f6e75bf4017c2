package io.penstock.server.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies that are small to send and large to hold. */
@ExtendWith(RigExtension.class)
final class BombTest {
    private static final int MIB = 1 << 20;

    private static String job(String payload) {
        return "{\"type\":\"x.y\",\"payload\":" + payload + "}";
    }

    private static String fields(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"k" + i + "\":1").collect(Collectors.joining(",", "{", "}"));
    }

    static Stream<Arguments> bombs() {
        return Stream.of(
                Arguments.of("a string of a mebibyte", job("\"" + "x".repeat(MIB - 100) + "\""), 413),
                Arguments.of("half a million nodes", job("[" + "0,".repeat(MIB / 2 - 100) + "0]"), 413),
                Arguments.of("a quarter million empty objects", job("[" + "{},".repeat(MIB / 3 - 100) + "0]"), 413),
                Arguments.of(
                        "a hundred thousand nodes, which are a payload", job("[" + "0,".repeat(100_000) + "0]"), 201),
                Arguments.of("depth 65", job("[".repeat(64) + "]".repeat(64)), 413),
                Arguments.of("depth of a quarter million", job("{\"a\":".repeat(200_000)), 413),
                Arguments.of("a number of 101 digits", job("1".repeat(101)), 413),
                Arguments.of("a number of a mebibyte", job("1".repeat(MIB - 100)), 413),
                Arguments.of("an exponent without end", job("1e" + "9".repeat(90)), 201),
                Arguments.of("a name of 1,001 letters", "{\"" + "n".repeat(1_001) + "\":1}", 413),
                Arguments.of("fields that nobody knows", fields(20_000), 413),
                Arguments.of("metadata of 10,000 fields", "{\"type\":\"x\",\"metadata\":" + fields(10_000) + "}", 413),
                Arguments.of("one field ten thousand times", "{" + "\"type\":\"x\",".repeat(10_000) + "\"a\":1}", 400));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bombs")
    void costsNoMoreThanItsBytes(String what, String body, int status, Rig rig) {
        assertThat(rig.post("/api/v1/queues/" + Rig.queue() + "/jobs", body).status())
                .as(what)
                .isEqualTo(status);
    }

    @Test
    void refusesAThousandthJobTooMany(Rig rig) {
        String batch = "[" + "{},".repeat(5_000) + "{}]";
        assertThat(rig.post("/api/v1/jobs:batch", batch).status()).isEqualTo(413);
        String lines = "{}\n".repeat(5_001);
        assertThat(rig.send("POST", "/api/v1/jobs:batch", lines, "Content-Type", "application/x-ndjson")
                        .status())
                .isEqualTo(413);
    }

    @Test
    void inflatesNothing(Rig rig) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[MIB];
            for (int i = 0; i < 64; i++) {
                gzip.write(zeros); // 64 MiB in 64 KiB
            }
        }
        for (String encoding : new String[] {"Content-Encoding: gzip\r\n", "Content-Encoding: x-gzip\r\n", ""}) {
            try (Wire wire = new Wire(rig)) {
                String head = "POST /api/v1/jobs:batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + rig.token() + "\r\nContent-Type: application/json\r\n" + encoding + "Content-Length: "
                        + packed.size() + "\r\n\r\n";
                wire.send(head.getBytes(StandardCharsets.US_ASCII)).send(packed.toByteArray());
                assertThat(wire.status()).isEqualTo(encoding.isEmpty() ? 400 : 415);
            }
        }
    }
}
