package io.penstock.server.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Thousands of requests that are wrong in some way, to every route: none may be answered with a fault of ours.
 *
 * <p>{@code -Dpenstock.attack.requests=100000} sends so many; {@code -Dseed=} sends those of a former run.
 */
@ExtendWith(RigExtension.class)
@ResourceLock("memory") // among them are orders to optimise, and new policies
final class MalformedRequestsTest {
    private static final int REQUESTS = Integer.getInteger("penstock.attack.requests", 4_000);
    private static final int CLIENTS = 4;

    /** What a run may leave in caches, histories and buffers, all of which have bounds below it. */
    private static final long MOST_KEPT_BYTES = 64L << 20;

    private final Map<Integer, Integer> statuses = new ConcurrentSkipListMap<>();

    @Test
    void neverFails(@TempDir Path dir) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.err.println("MalformedRequestsTest: -Dseed=" + seed);
        try (EmbeddedRedis redis = EmbeddedRedis.builder().persistence(false).start()) {
            Rig rig = Rig.start(dir.resolve("data"), flags -> flags.put(Setting.REDIS, redis.uri()));
            try {
                rig.enqueue("fuzz", "{\"type\":\"never.handled\",\"delay\":\"300d\"}");
                long before = heap();
                bombard(rig, seed);
                System.err.println("MalformedRequestsTest: " + REQUESTS + " requests were answered " + statuses);
                worksAsBefore(rig);
                if (REQUESTS >= 100_000) { // with fewer the tests beside this one weigh more
                    long kept = heap() - before;
                    System.err.println("MalformedRequestsTest: heap kept " + (kept >> 20) + " MiB");
                    assertThat(kept).isLessThan(MOST_KEPT_BYTES);
                }
            } finally {
                rig.stop();
            }
        }
    }

    private void bombard(Rig rig, long seed) throws Exception {
        JsonNode openapi = rig.get("/openapi.json").json();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                all.add(() -> fire(rig, new Volley(openapi, rig.token(), random), seed));
            }
            for (Future<Void> client : clients.invokeAll(all)) {
                client.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private Void fire(Rig rig, Volley volley, long seed) throws Exception {
        try (Connection connection = new Connection(rig)) {
            for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                Volley.Shot shot = volley.next();
                Connection.Answer answer = connection.exchange(shot);
                statuses.merge(answer.status(), 1, Integer::sum);
                // a refusal that is stated has its type: busy, queue-draining, redis-full ...
                boolean stated = (answer.status() == 503 || answer.status() == 507)
                        && !answer.body().contains("internal");
                assertThat(answer.status() < 500 || stated)
                        .as("seed=%d i=%d %s answered %s", seed, i, shot, answer)
                        .isTrue();
            }
        }
        return null;
    }

    /** Also after it was told to pause, purge and change whatever can be changed. */
    private void worksAsBefore(Rig rig) {
        int sent = statuses.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(statuses.getOrDefault(0, 0))
                .as("nearly all were answered rather than dropped")
                .isLessThan(sent / 10);
        assertThat(statuses.get(200)).as("some were right").isPositive();
        assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);
        assertThat(rig.bare("GET", "/readyz").status()).isEqualTo(200);
        await().until(() -> gauge(rig, "penstock_http_active"), active -> active <= 1); // this one
        await().until(() -> gauge(rig, "penstock_http_body_bytes"), bytes -> bytes == 0);
        String usual = "{\"enabled\":null,\"autoOptimization\":null,\"threshold\":null,\"intervalMs\":null,"
                + "\"maxHeapSizeMB\":null,\"maxRSSSizeMB\":null}";
        assertThat(rig.send("PUT", "/api/v1/memory/policy", usual).status()).isEqualTo(200);
        // a line that was drawn too low is back where it was at the next look
        await().until(
                        () -> rig.post("/api/v1/queues/after/jobs", "{\"type\":\"x.y\"}")
                                .status(),
                        status -> status == 201);
        String id = "after-100";
        JsonNode taken = rig.post("/api/v1/leases", "{\"queues\":[\"after\"],\"worker\":\"w\",\"max\":1}")
                .json();
        assertThat(taken.at("/jobs/0/id").asText()).as(taken.toString()).isEqualTo(id);
        rig.post("/api/v1/leases/" + taken.path("token").asText() + ":ack", "{\"jobs\":[{\"id\":\"" + id + "\"}]}");
        await().until(() -> rig.job(id).path("state").asText(), "completed"::equals);
    }

    private static double gauge(Rig rig, String name) {
        return rig.get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
