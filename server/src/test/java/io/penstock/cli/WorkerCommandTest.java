package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Keys;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.caller.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class WorkerCommandTest {
    /** A worker elsewhere with a job of this queue in hand; answers the token of its lease. */
    private static String leased(Rig rig, String queue, String worker) {
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        return rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"" + worker + "\"}")
                .json()
                .path("token")
                .asText();
    }

    @Test
    void quietsAWorkerAndHasItResume(Rig rig) {
        String queue = Rig.queue();
        String name = "w." + queue;
        String token = leased(rig, queue, name);
        String id = Shell.at(rig)
                .run("worker", "list", "--limit", "500", "-o", "csv")
                .out()
                .lines()
                .filter(line -> line.contains("," + queue + ","))
                .findFirst()
                .orElseThrow()
                .replaceFirst(",.*", "");
        Shell.Result quiet = Shell.at(rig).run("worker", "quiet", id);
        assertThat(quiet.code()).as(quiet.err()).isZero();
        assertThat(quiet.out()).contains(id).contains("quiet");
        assertThat(rig.get("/api/v1/workers/" + id).json().path("quiet").asBoolean())
                .isTrue();
        assertThat(Shell.at(rig).run("worker", "resume", id).out()).doesNotContain("quiet");
        assertThat(rig.get("/api/v1/workers/" + id).json().path("quiet").asBoolean())
                .isFalse();
        assertThat(Shell.at(rig).run("worker", "quiet", "no-such-1").code()).isEqualTo(3);
        rig.post("/api/v1/leases/" + token + ":ack", null);
    }

    @Test
    void stopsAWorkerElsewhere(Rig rig) {
        String queue = Rig.queue();
        String name = "w." + queue;
        String token = leased(rig, queue, name);
        assertThat(rig.post("/api/v1/leases/" + token + ":extend", "{}").json().path("stop"))
                .hasToString("false");
        assertThat(Shell.at(rig).run("worker", "stop", name).code())
                .as("nobody said yes")
                .isEqualTo(2);
        assertThat(Shell.at(rig).run("worker", "stop", name, "--dry-run").out()).contains("would stop " + name);
        assertThat(Keys.of(rig, Role.OPERATOR, "other-*")
                        .post("/api/v1/workers/" + name + ":stop", null)
                        .status())
                .isEqualTo(404);

        Shell.Result stop = Shell.at(rig).run("worker", "stop", name, "-y");

        assertThat(stop.code()).as(stop.err()).isZero();
        assertThat(stop.out()).contains(queue).contains("stopping");
        JsonNode renewed = rig.post("/api/v1/leases/" + token + ":extend", "{}").json();
        assertThat(renewed.path("stop").asBoolean()).isTrue();
        assertThat(renewed.path("quiet").asBoolean()).isTrue();
        rig.post("/api/v1/leases/" + token + ":ack", null);
        // the lease serves another now, who was told nothing
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        String next = rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"other\"}")
                .json()
                .path("token")
                .asText();
        assertThat(rig.post("/api/v1/leases/" + next + ":extend", "{}").json().path("stop"))
                .hasToString("false");
        rig.post("/api/v1/leases/" + next + ":ack", null);
    }

    @Test
    void leavesAWorkerAloneThatServesForeignQueuesToo(Rig rig) {
        String own = Rig.queue();
        String foreign = Rig.queue();
        String name = "w." + own;
        for (String queue : List.of(own, foreign)) {
            rig.enqueue(queue, "{\"type\":\"x.y\"}");
            rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"" + name + "\"}");
        }
        Rig.Answer refused = Keys.of(rig, Role.OPERATOR, own).post("/api/v1/workers/" + name + ":stop", null);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asText())
                .contains("1 queue that is not")
                .doesNotContain(foreign);
        assertThat(rig.get("/api/v1/workers?limit=500").json().path("items"))
                .filteredOn(worker -> worker.path("name").asText().equals(name))
                .noneMatch(worker -> worker.path("stopping").asBoolean());
    }

    @Test
    void runsAProgramForEachJob(Rig rig) {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no sh");
        String queue = Rig.queue();
        String good = rig.enqueue(queue, "{\"type\":\"x.good\",\"payload\":{\"n\":41}}");
        String bad = rig.enqueue(queue, "{\"type\":\"x.bad\",\"maxAttempts\":1}");
        String program =
                "if [ $PENSTOCK_JOB_TYPE = x.good ]; then echo \"{\\\"had\\\":$(cat)}\"; else echo first >&2; echo no $PENSTOCK_JOB_ID >&2; exit 3; fi";
        Shell.Result run =
                Shell.at(rig).run("worker", "run", "--queues", queue, "--count", "2", "--", "/bin/sh", "-c", program);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("done " + good).contains("failed " + bad);
        assertThat(rig.job(good).at("/result/had/n").asInt()).isEqualTo(41);
        assertThat(rig.job(bad).path("state").asText()).isEqualTo("failed");
        assertThat(rig.job(bad).at("/error/type").asText()).isEqualTo("exit 3");
        assertThat(rig.job(bad).at("/error/message").asText()).isEqualTo("no " + bad);
        assertThat(rig.job(bad).at("/error/stack").asText()).startsWith("first");
    }
}
