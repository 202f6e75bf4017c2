package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class IdempotencyKeyTest {
    private final String queue = Rig.queue();
    private final String jobs = "/api/v1/queues/" + queue + "/jobs";

    private Rig.Answer post(Rig rig, String path, String key, String body) {
        return rig.send("POST", path, body, "Content-Type", "application/json", "Idempotency-Key", key);
    }

    @Test
    void enqueuesOnceHoweverOftenItIsAsked(Rig rig) {
        Rig.Answer first = post(rig, jobs, "k1-" + queue, "{\"type\":\"x.y\"}");
        Rig.Answer again = post(rig, jobs, "k1-" + queue, "{\"type\":\"x.y\"}");
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(again.header("Location")).isEqualTo(first.header("Location"));
        assertThat(rig.get("/api/v1/queues/" + queue)
                        .json()
                        .at("/counts/waiting")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void refusesTheKeyForAnotherBodyButNotForAnotherPath(Rig rig) {
        post(rig, jobs, "k2", "{\"type\":\"x.y\"}");
        Rig.Answer other = post(rig, jobs, "k2", "{\"type\":\"x.z\"}");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.problem()).isEqualTo("idempotency-mismatch");
        assertThat(post(rig, "/api/v1/queues/" + Rig.queue() + "/jobs", "k2", "{\"type\":\"x.z\"}")
                        .status())
                .isEqualTo(201);
        assertThat(post(rig, jobs, "k 3", "{\"type\":\"x.y\"}").status()).isEqualTo(400);
    }

    @Test
    void doesNotRememberARefusal(Rig rig) {
        rig.send("PUT", "/api/v1/queues/" + queue, "{\"maxJobs\":1}");
        String id = rig.enqueue(queue, "{\"type\":\"x.y\"}");
        assertThat(post(rig, jobs, "k4", "{\"type\":\"x.y\"}").status()).isEqualTo(429);
        rig.send("DELETE", "/api/v1/jobs/" + id, null);
        assertThat(post(rig, jobs, "k4", "{\"type\":\"x.y\"}").status()).isEqualTo(201);
        assertThat(post(rig, jobs, "k5", "{\"type\":").status()).isEqualTo(400);
        assertThat(post(rig, jobs, "k5", "{\"type\":").status()).isEqualTo(400);
    }

    @Test
    void coversBatchesAndClones(Rig rig) {
        String batch = "[{\"queue\":\"" + queue + "\",\"type\":\"x.y\"}]";
        String first = post(rig, "/api/v1/jobs:batch", "b-" + queue, batch).text();
        assertThat(post(rig, "/api/v1/jobs:batch", "b-" + queue, batch).text()).isEqualTo(first);
        String id = rig.enqueue(queue, "{\"type\":\"x.y\"}");
        String copy = post(rig, "/api/v1/jobs/" + id + ":clone", "c", "{}").text();
        assertThat(post(rig, "/api/v1/jobs/" + id + ":clone", "c", "{}").text()).isEqualTo(copy);
    }

    @Test
    void letsOneOfManyAtOnceThrough(Rig rig) {
        List<CompletableFuture<Integer>> all = IntStream.range(0, 16)
                .mapToObj(i -> CompletableFuture.supplyAsync(() ->
                        post(rig, jobs, "race-" + queue, "{\"type\":\"x.y\"}").status()))
                .toList();
        assertThat(all.stream().map(CompletableFuture::join))
                .allMatch(status -> status == 201 || status == 409)
                .contains(201);
        assertThat(rig.get("/api/v1/queues/" + queue)
                        .json()
                        .at("/counts/waiting")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void knowsAKeyAfterARestart(EmbeddedRedis redis, @TempDir Path data) { // a key is its caller's: the token stays
        String key = "restart-" + queue;
        Rig before = Rig.start(data, flags -> flags.put(Setting.REDIS, redis.uri()));
        String first = post(before, jobs, key, "{\"type\":\"x.y\"}").text();
        before.stop();
        try (Rig after = Rig.start(data, flags -> flags.put(Setting.REDIS, redis.uri()))) {
            Rig.Answer again = post(after, jobs, key, "{\"type\":\"x.y\"}");
            assertThat(again.status()).isEqualTo(201);
            assertThat(again.text()).isEqualTo(first);
            assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(again.header("Location")).isNotEmpty();
            assertThat(post(after, jobs, key, "{\"type\":\"x.z\"}").status()).isEqualTo(422);
        }
    }
}
