package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class WorkerCommandTest {
    @Test
    void quietsAWorkerAndHasItResume(Rig rig) {
        String queue = Rig.queue();
        String name = "w." + queue;
        rig.enqueue(queue, "{\"type\":\"x.y\"}");
        String token = rig.post("/api/v1/leases", "{\"queues\":[\"" + queue + "\"],\"worker\":\"" + name + "\"}")
                .json()
                .path("token")
                .asText();
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
}
