package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Thousands of requests that are wrong in some way: none may make the server fail, hang, or hang up for good. */
@ExtendWith(RigExtension.class)
final class MalformedInputTest {
    private static final int REQUESTS = 5_000;

    private static final List<String> PATHS = List.of(
            "/api/v1/queues/fuzz/jobs",
            "/api/v1/jobs:batch",
            "/api/v1/jobs:import",
            "/api/v1/jobs",
            "/api/v1/jobs/fuzz-100",
            "/api/v1/jobs/fuzz-100:retry",
            "/api/v1/jobs/fuzz-100:clone",
            "/api/v1/queues/fuzz",
            "/api/v1/queues/fuzz:purge",
            "/api/v1/queues/fuzz/stats",
            "/api/v1/dead/groups",
            "/api/v1/leases",
            "/api/v1/leases/AAAAAAAAAAAAAAAAAAAAAA:ack",
            "/api/v1/leases/x:nack",
            "/api/v1/leases/x:extend",
            "/api/v1/workers/w:heartbeat",
            "/api/v1/config",
            "/",
            "/livez",
            "/api/v1/queues/%00/jobs",
            "/api/v1/queues/..%2f..%2fx",
            "/api/v2/jobs",
            "/%",
            "/\u00e4",
            "/api/v1/queues/fuzz;a=b/jobs",
            "/api/v1/jobs/" + "x".repeat(3_000));

    private static final List<String> QUERIES = List.of(
            "",
            "?",
            "?limit=-1",
            "?limit=999999999999999999999",
            "?cursor=%ff%fe",
            "?cursor=AAAA",
            "?state=%00",
            "?queue=%7b%7d",
            "?a=b",
            "?limit=1&limit=2",
            "?force=1",
            "?type=" + "x".repeat(2_000),
            "?%zz",
            "?=&&=",
            "?limit=1e3");

    private static final List<String> BODIES = List.of(
            "",
            "{",
            "}",
            "[]",
            "null",
            "0",
            "\"",
            "{\"type\":\"x\"}",
            "{\"type\":null}",
            "{\"type\":{\"@class\":\"java.lang.Runtime\"}}",
            "{\"type\":\"x\",\"payload\":{\"@class\":\"com.sun.rowset.JdbcRowSetImpl\"}}",
            "{\"type\":\"x\",\"delay\":\"P999999999D\"}",
            "{\"type\":\"x\",\"runAt\":\"-999999999-01-01T00:00:00Z\"}",
            "{\"type\":\"x\",\"maxAttempts\":1e400}",
            "{\"type\":\"x\",\"memoryBytes\":-9223372036854775809}",
            "{\"type\":\"x\",\"backoff\":{\"type\":\"exponential\",\"delay\":\"365d\",\"maxDelay\":\"365d\",\"jitter\":1}}",
            "{\"type\":\"x\",\"unique\":{\"key\":\"\\u0000\"}}",
            "{\"type\":\"x\",\"unique\":{\"key\":\"k\",\"mode\":\"debounce\",\"ttl\":\"0s\"}}",
            "{\"type\":\"x\",\"metadata\":{\"\\ud800\":\"\\udfff\"}}",
            "{\"queues\":[\"fuzz\"],\"worker\":\"w\",\"max\":-5,\"waitMillis\":-1,\"leaseMillis\":-1}",
            "{\"queues\":[\"\"],\"worker\":\"\"}",
            "{\"queues\":\"fuzz\",\"worker\":1}",
            "{\"leases\":[null,1,\"x\"]}",
            "{\"jobs\":[{\"id\":\"fuzz-100\"}]}",
            "{\"jobs\":[{}]}",
            "{\"jobs\":{}}",
            "{\"state\":\"active\"}",
            "{\"state\":1}",
            "{\"maxJobs\":1.5}",
            "{\"completed\":{\"age\":\"PT-1S\"}}",
            "[{\"queue\":\"fuzz\",\"type\":\"x\"},null,5,{\"queue\":\"a b\"}]",
            "\u0000\u0001\u0002",
            "{\"type\":\"x\"}{\"type\":\"x\"}",
            "[".repeat(5_000),
            "{\"a\":".repeat(5_000),
            "\"" + "\\u0000".repeat(500) + "\"",
            "{\"type\":\"" + "x".repeat(5_000) + "\"}");

    private static final List<String> TYPES = List.of(
            "application/json",
            "application/x-ndjson",
            "application/json; charset=utf-8",
            "application/json;charset=utf-7",
            "text/html",
            "",
            "application/merge-patch+json",
            ";;;");

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FROB");

    private static final List<String> HEADERS = List.of(
            "",
            "Content-Encoding: gzip\r\n",
            "Idempotency-Key: \u00e9\r\n",
            "Idempotency-Key: k\r\n",
            "If-Match: \"x\"\r\n",
            "If-Match: ,,,\r\n",
            "X-Request-Id: <x>\r\n",
            "Expect: 200-maybe\r\n",
            "Range: bytes=0-\r\n",
            "Accept: nothing/ever\r\n",
            "Cookie: a=b; c=\"\r\n",
            "Forwarded: for=evil\r\n");

    @Test
    void neverFails(Rig rig) throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        String id = rig.enqueue("fuzz", "{\"type\":\"never.handled\",\"delay\":\"300d\"}");
        assertThat(id).isEqualTo("fuzz-100");
        int answered = 0;
        Wire wire = new Wire(rig);
        try {
            for (int i = 0; i < REQUESTS; i++) {
                String request = request(rig, random);
                int status = exchange(wire, request);
                assertThat(status).as("seed=%d i=%d %s", seed, i, request).isLessThan(500);
                answered += status > 0 ? 1 : 0;
                wire.close();
                wire = new Wire(rig);
            }
        } finally {
            wire.close();
        }
        assertThat(answered)
                .as("seed=%d: nearly all were answered rather than dropped", seed)
                .isGreaterThan(REQUESTS * 9 / 10);
        assertThat(rig.bare("GET", "/readyz").status()).isEqualTo(200);
        rig.send("DELETE", "/api/v1/queues/fuzz?force=true", null);
    }

    private static int exchange(Wire wire, String request) throws IOException {
        try {
            return wire.send(request.getBytes(StandardCharsets.UTF_8)).status();
        } catch (java.net.SocketException hungUp) {
            return 0;
        }
    }

    private static String request(Rig rig, Random random) {
        String method = pick(METHODS, random);
        String body = method.equals("GET") || method.equals("HEAD") ? "" : mutate(pick(BODIES, random), random);
        String type = random.nextInt(4) > 0 ? "application/json" : pick(TYPES, random);
        return method + " " + pick(PATHS, random) + (random.nextInt(3) == 0 ? pick(QUERIES, random) : "")
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + rig.token() + "\r\n"
                + (random.nextInt(3) == 0 ? pick(HEADERS, random) : "") + "Content-Type: " + type
                + "\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n" + body;
    }

    private static String mutate(String body, Random random) {
        if (body.isEmpty() || random.nextInt(3) > 0) {
            return body;
        }
        StringBuilder changed = new StringBuilder(body);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(changed.length());
            switch (random.nextInt(3)) {
                case 0 -> changed.setCharAt(at, (char) random.nextInt(128));
                case 1 -> changed.insert(at, "{}[]\",:\\0-eE.".charAt(random.nextInt(13)));
                default -> changed.setLength(Math.max(1, at));
            }
        }
        return changed.toString();
    }

    private static String pick(List<String> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }
}
