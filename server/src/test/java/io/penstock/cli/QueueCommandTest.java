package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.Penstock;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class QueueCommandTest {
    private final String queue = Rig.queue();

    @Test
    void setsPausesAndEmptiesAQueue(Rig rig) {
        Shell shell = Shell.at(rig);
        assertThat(shell.run("queue", "get", queue).code()).isEqualTo(3);
        assertThat(shell.run("queue", "set", queue, "maxJobs=5", "completed.age=2h", "-o", "json")
                        .json()
                        .at("/settings/completed/age")
                        .asText())
                .isEqualTo("2h");
        assertThat(shell.run("queue", "set", queue, "aging=30s", "-o", "json")
                        .json()
                        .at("/settings/maxJobs")
                        .asInt())
                .isEqualTo(5);
        assertThat(shell.run("queue", "set", queue, "maxJob=5").err()).contains("did you mean \"maxJobs\"?");
        assertThat(shell.run("queue", "set", queue, "maxJobs").code()).isEqualTo(2);
        assertThat(shell.run("queue", "pause", queue).out()).contains("paused");
        assertThat(shell.run("queue", "drain", queue, "-q").out()).contains(queue);
        assertThat(shell.run("job", "enqueue", "x.y", "--queue", queue).code()).isEqualTo(7);
        assertThat(shell.run("queue", "resume", queue).out()).contains("active");
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        assertThat(shell.run("queue", "purge", queue, "--dry-run").out())
                .contains("would drop 1 waiting jobs of " + queue);
        assertThat(shell.run("queue", "purge", queue).code()).isEqualTo(2);
        assertThat(shell.run("queue", "purge", queue, "-y", "-o", "json")
                        .json()
                        .path("removed")
                        .asInt())
                .isEqualTo(1);
        assertThat(shell.run("queue", "stats", queue, "-o", "json")
                        .json()
                        .path("addedTotal")
                        .asInt())
                .isEqualTo(1);
        assertThat(shell.run("queue", "delete", queue, "-y").code()).isZero();
        assertThat(shell.run("queue", "delete", queue, "-y").code()).isEqualTo(3);
    }

    @Test
    void listsQueuesWithin80Columns(Rig rig) {
        rig.send("PUT", "/api/v1/queues/" + queue, "{}");
        rig.send("PUT", "/api/v1/queues/" + queue + "x".repeat(64 - queue.length()), "{}");
        Shell.Result list = Shell.at(rig).run("queue", "list", "--limit", "1000");
        assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(list.out()).contains("\u2026");
        assertThat(Shell.at(rig)
                        .run("queue", "list", "--limit", "1000", "-o", "json")
                        .out())
                .contains(queue);
    }

    @Test
    void showsWhatKilledJobsAndStartsThemAnew(Rig rig) {
        for (int i = 0; i < 3; i++) {
            rig.enqueue(
                    queue,
                    "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"times\":1,\"message\":\"order " + i
                            + " lost\"}}");
        }
        rig.enqueue(queue, "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"other\"}}");
        await().until(() ->
                rig.get("/api/v1/queues/" + queue).json().at("/counts/failed").asInt() == 4);
        Shell shell = Shell.at(rig);
        String print = shell.run("dead", "list", "--group", "--queue", queue, "-o", "json")
                .json()
                .at("/0/fingerprint")
                .asText();
        assertThat(shell.run("dead", "list", "--queue", queue, "--fingerprint", print, "-o", "json")
                        .json())
                .hasSize(3);
        assertThat(shell.run("dead", "retry").code()).isEqualTo(2);
        assertThat(shell.run("dead", "retry", "--queue", queue, "--fingerprint", print, "--dry-run")
                        .out()
                        .lines())
                .hasSize(3);
        assertThat(shell.run("dead", "retry", "--queue", queue, "--fingerprint", print)
                        .code())
                .isEqualTo(2);
        Shell.Result retried = shell.run("dead", "retry", "--queue", queue, "--fingerprint", print, "-y");
        assertThat(retried.code()).isZero();
        assertThat(retried.err()).contains("retry: 3 of 3");
        await().until(
                        () -> { // all have run again, else one still waiting would die after the deletion
                            JsonNode counts =
                                    rig.get("/api/v1/queues/" + queue).json().path("counts");
                            return counts.path("waiting").asInt()
                                            + counts.path("delayed").asInt()
                                            + counts.path("active").asInt()
                                    == 0;
                        });
        Shell.Result deleted = shell.run("dead", "delete", "--queue", queue, "--type", "demo.fail", "-y");
        assertThat(deleted.code()).isZero();
        await().until(() ->
                rig.get("/api/v1/queues/" + queue).json().at("/counts/failed").asInt() == 0);
        assertThat(shell.run("dead", "delete", "--queue", queue, "-y").err()).contains("no dead letters fit");
    }

    @Test
    void showsWorkers(Rig rig) {
        rig.enqueue(queue, "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":500}}");
        await().until(() -> Shell.at(rig)
                .run("worker", "list", "--limit", "500", "-o", "ndjson")
                .out()
                .contains("\"queue\":\"" + queue + "\""));
        assertThat(Shell.at(rig).run("worker", "list").out()).contains("RUNNING");
        assertThat(Shell.at(rig).run("worker", "get", queue + "-1").out()).contains("leaseUntil");
        assertThat(Shell.at(rig).run("worker", "get", "nobody").code()).isEqualTo(3);
    }

    @Test
    void findsAndMendsWhatLostKeysHaveLeftBehind(Rig rig, EmbeddedRedis redis) {
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        Shell shell = Shell.at(rig);
        assertThat(shell.run("queue", "fsck", "--queue", queue).code()).isZero();
        try (Penstock other = Penstock.connect(redis.uri())) {
            for (String key : new String[] {"w2", "w1"}) {
                other.redis()
                        .await(other.redis().command("DEL", new Call(64).key(Redis.utf8("pk:{" + queue + "}:" + key))));
            }
        }
        Shell.Result told = shell.run("queue", "fsck", "--queue", queue);
        assertThat(told.code()).isEqualTo(10);
        assertThat(told.out()).contains("1 restored").contains(queue);
        assertThat(told.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("queue", "fsck", "--queue", queue, "--repair", "--dry-run")
                        .code())
                .isEqualTo(10);
        assertThat(shell.run("queue", "fsck", "--queue", queue, "--repair").code())
                .isZero();
        assertThat(shell.run("queue", "fsck", "--queue", queue).code()).isZero();
        assertThat(shell.run("queue", "fsck", "-o", "json").out()).contains(queue);
        assertThat(shell.run("queue", "fsck", "--queue", "never." + queue).code())
                .isEqualTo(3);
    }
}
