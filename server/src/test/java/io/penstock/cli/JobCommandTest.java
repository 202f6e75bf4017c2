package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class JobCommandTest {
    @TempDir
    private Path dir;

    private final String queue = Rig.queue();

    @Test
    void printsTheIdAndNothingElse(Rig rig) {
        Shell.Result result =
                Shell.at(rig).run("job", "enqueue", "mail.send", "--queue", queue, "--payload", "{\"a\":1.10}");
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo(queue + "-100\n");
        assertThat(result.err()).isEmpty();
        assertThat(rig.get("/api/v1/jobs/" + queue + "-100").text()).contains("\"payload\":{\"a\":1.10}");
    }

    @Test
    void takesEveryOption(Rig rig) throws IOException {
        Path file = Files.writeString(dir.resolve("payload.json"), "{\"from\":\"file\"}");
        Shell.Result result = Shell.at(rig)
                .run(
                        "job",
                        "enqueue",
                        "mail.send",
                        "--queue",
                        queue,
                        "--payload",
                        "@" + file,
                        "--delay",
                        "1h",
                        "--priority",
                        "high",
                        "--unique",
                        "k",
                        "--unique-ttl",
                        "10m",
                        "--group",
                        "acme",
                        "--max-attempts",
                        "3",
                        "--job-timeout",
                        "5s",
                        "--metadata",
                        "by=me",
                        "-o",
                        "json");
        assertThat(result.code()).as(result.err()).isZero();
        String id = result.json().path("id").asText();
        assertThat(rig.job(id).at("/payload/from").asText()).isEqualTo("file");
        assertThat(rig.job(id).path("group").asText()).isEqualTo("acme");
        Shell.Result again = Shell.at(rig)
                .run("job", "enqueue", "mail.send", "--queue", queue, "--unique", "k", "--unique-ttl", "10m");
        assertThat(again.out()).isEqualTo(id + "\n");
        assertThat(again.err()).contains("duplicate");
        assertThat(Shell.at(rig)
                        .piping("{\"from\":\"pipe\"}")
                        .run("job", "enqueue", "x.y", "--queue", queue, "--payload", "-")
                        .code())
                .isZero();
        assertThat(Shell.at(rig)
                        .run("job", "enqueue", "x.y", "--payload", "{broken")
                        .code())
                .isEqualTo(2);
        assertThat(Shell.at(rig)
                        .run("job", "enqueue", "x.y", "--priority", "urgent")
                        .err())
                .contains("critical, high, normal or low");
        assertThat(Shell.at(rig)
                        .run("job", "enqueue", "x.y", "--queue", queue, "--dry-run")
                        .out())
                .contains("x.y");
    }

    @Test
    void tellsAJobWhatItWaitsFor(Rig rig) {
        Shell shell = Shell.at(rig);
        String id = shell.run(
                        "job",
                        "enqueue",
                        "demo.await",
                        "--queue",
                        queue,
                        "--payload",
                        "{\"signal\":\"approved\",\"seconds\":600}")
                .out()
                .strip();
        assertThat(shell.run("job", "signal", id, "approved", "--dry-run").out())
                .contains("would signal approved to " + id);
        assertThat(shell.run("job", "signal", id, "approved", "--payload", "{\"by\":\"eve\"}")
                        .code())
                .isZero();
        assertThat(shell.run("job", "wait", id, "-o", "json")
                        .json()
                        .at("/result/told/by")
                        .asText())
                .isEqualTo("eve");
        assertThat(shell.run("job", "signal", id, "approved").code()).isEqualTo(4);
    }

    @Test
    void waitsForTheEnd(Rig rig) {
        Shell.Result done = Shell.at(rig)
                .run("job", "enqueue", "demo.echo", "--queue", queue, "--payload", "{\"a\":1}", "--wait", "-o", "json");
        assertThat(done.code()).isZero();
        assertThat(done.json().at("/result/a").asInt()).isEqualTo(1);
        assertThat(Shell.at(rig)
                        .run("job", "enqueue", "demo.fail", "--queue", queue, "--max-attempts", "1", "--wait")
                        .code())
                .isEqualTo(1);
        Shell.Result late = Shell.at(rig)
                .run(
                        "job",
                        "enqueue",
                        "demo.sleep",
                        "--queue",
                        queue,
                        "--payload",
                        "{\"ms\":60000}",
                        "--wait",
                        "--timeout",
                        "300ms");
        assertThat(late.code()).isEqualTo(124);
        String id = late.err().strip().replaceAll(".* ", "");
        assertThat(Shell.at(rig).run("job", "cancel", id).code()).isZero();
        assertThat(Shell.at(rig).run("job", "wait", id, "--timeout", "20s").code())
                .isEqualTo(1);
    }

    @Test
    void enqueuesManyAlike(Rig rig) {
        Shell.Result result = Shell.at(rig).run("job", "enqueue", "x.y", "--queue", queue, "--count", "1200");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines().distinct()).hasSize(1_200);
        assertThat(result.err()).contains("accepted 1200, duplicate 0, refused 0");
        assertThat(Shell.at(rig)
                        .run("job", "enqueue", "demo.echo", "--queue", queue, "--count", "3", "--wait")
                        .out())
                .contains("completed");
        rig.send("PUT", "/api/v1/queues/" + queue, "{\"maxJobs\":1205}");
        Shell.Result partly = Shell.at(rig).run("job", "enqueue", "x.y", "--queue", queue, "--count", "10");
        assertThat(partly.code()).isEqualTo(8);
        assertThat(Shell.at(rig)
                        .run("job", "enqueue", "x.y", "--queue", queue, "--count", "10")
                        .code())
                .isEqualTo(7);
        assertThat(Shell.at(rig).run("job", "enqueue", "x.y", "--queue", queue).code())
                .isEqualTo(7);
    }

    @Test
    void listsInEveryForm(Rig rig) {
        Shell shell = Shell.at(rig);
        for (int i = 0; i < 3; i++) {
            shell.run(
                    "job", "enqueue", "mail.send", "--queue", queue, "--payload", "\"" + "long ".repeat(30) + i + "\"");
        }
        Shell.Result table = shell.run("job", "list", "--queue", queue);
        assertThat(table.out()).contains("ID").contains(queue + "-100").doesNotContain("long");
        assertThat(table.out().lines()).hasSize(4).allMatch(line -> line.length() <= 80);
        assertThat(shell.run("job", "list", "--queue", queue, "-o", "wide").out())
                .contains("long long");
        assertThat(shell.run("job", "list", "--queue", queue, "-o", "json").json())
                .hasSize(3);
        assertThat(shell.run("job", "list", "--queue", queue, "-o", "ndjson", "--limit", "2")
                        .out()
                        .lines())
                .hasSize(2);
        assertThat(shell.run("job", "list", "--queue", queue, "-o", "csv").out())
                .startsWith("ID,STATE,TYPE");
        assertThat(shell.run("job", "list", "--queue", queue, "--state", "delayed", "-o", "json")
                        .json())
                .isEmpty();
        assertThat(shell.run("job", "list", "--state", "done").code()).isEqualTo(2);
    }

    @Test
    void changesJobsAndTellsHowItWent(Rig rig) {
        Shell shell = Shell.at(rig);
        String id = shell.run("job", "enqueue", "mail.send", "--queue", queue, "--delay", "1h")
                .out()
                .strip();
        assertThat(shell.run("job", "edit", id, "--priority", "low", "-o", "json")
                        .json()
                        .path("priority")
                        .asText())
                .isEqualTo("low");
        assertThat(shell.run("job", "edit", id).code()).isEqualTo(2);
        assertThat(shell.run("job", "promote", id).out()).contains("waiting");
        assertThat(shell.run("job", "promote", id).code()).isEqualTo(4);
        assertThat(shell.run("job", "clone", id, "-o", "json").json().path("id").asText())
                .isNotEqualTo(id);
        assertThat(shell.run("job", "cancel", id, "--dry-run").out()).isEqualTo("would cancel " + id + "\n");
        assertThat(shell.run("job", "cancel", id).code()).isZero();
        assertThat(shell.run("job", "retry", id).out()).contains("waiting");
        assertThat(shell.run("job", "get", id).out()).contains("state").contains("waiting");
        assertThat(shell.run("job", "get", queue + "-zzz").code()).isEqualTo(3);
        assertThat(shell.run("job", "get", id, queue + "-zzz").code()).isEqualTo(8);
        assertThat(shell.run("job", "logs", id).code()).isZero();
    }

    @Test
    void asksBeforeItDeletes(Rig rig) {
        String id = rig.enqueue(queue, "{\"type\":\"x.y\"}");
        assertThat(Shell.at(rig).run("job", "delete", id).code()).isEqualTo(2);
        assertThat(Shell.at(rig).typing("n\n").run("job", "delete", id).code()).isEqualTo(1);
        assertThat(rig.job(id).path("state").asText()).isEqualTo("waiting");
        Shell.Result yes = Shell.at(rig).typing("y\n").run("job", "delete", id);
        assertThat(yes.code()).isZero();
        assertThat(yes.err()).contains("Delete 1 job? [y/N]").contains("deleted " + id);
        assertThat(Shell.at(rig).run("job", "delete", id, "-y").code()).isEqualTo(3);
    }

    @Test
    void followsALog(Rig rig) {
        String id = rig.enqueue(
                queue,
                "{\"type\":\"demo.fail\",\"payload\":{\"times\":1},\"backoff\":{\"type\":\"fixed\",\"delay\":\"100ms\"}}");
        assertThat(Shell.at(rig).run("job", "logs", "-f", id).out()).isEqualTo("attempt 1\nattempt 2\n");
    }

    @Test
    void letsNoTextMoveTheCursor(Rig rig) {
        String id = rig.enqueue(
                queue,
                "{\"type\":\"demo.fail\",\"maxAttempts\":1,\"payload\":{\"message\":\"\\u001b[2J=cmd|\\u0007\"}}");
        Shell.at(rig).run("job", "wait", id);
        assertThat(Shell.at(rig)
                        .run("job", "list", "--queue", queue, "-o", "wide")
                        .out())
                .doesNotContain("\u001b")
                .contains("?[2J");
        assertThat(Shell.at(rig).run("dead", "list", "--queue", queue).out()).doesNotContain("\u001b");
    }

    @Test
    void followsWhatAJobEmitsToItsEnd(Rig rig) {
        String id =
                rig.enqueue(queue, "{\"type\":\"demo.talk\",\"payload\":{\"text\":\"hello big\\nworld\",\"ms\":1}}");
        Shell.Result shown = Shell.at(rig).run("job", "follow", id);
        assertThat(shown.code()).as(shown.err()).isZero();
        assertThat(shown.out()).isEqualTo("hello big\nworld\n");
        assertThat(shown.err()).contains("job " + id + " is completed");
        Shell.Result lines = Shell.at(rig).run("job", "follow", id, "-o", "ndjson");
        assertThat(lines.out()).contains("\"event\":\"piece\"", "\"event\":\"end\"");
        assertThat(Shell.at(rig).run("job", "follow", queue + "-zzz").code()).isEqualTo(3);
    }
}
