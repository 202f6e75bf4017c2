package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RigExtension.class)
final class ImportFileCommandTest {
    @TempDir
    private Path dir;

    private final String queue = Rig.queue();

    private Path file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    private Shell.Result load(Rig rig, Path file, String... more) {
        String[] fixed = {"import", "file", file.toString(), "--queue", queue, "--type", "row.load", "-o", "json"};
        String[] all = java.util.Arrays.copyOf(fixed, fixed.length + more.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return Shell.at(rig).run(all);
    }

    private int waiting(Rig rig) {
        return rig.get("/api/v1/queues/" + queue).json().at("/counts/waiting").asInt();
    }

    @Test
    void makesAJobOfEachLineOnceHoweverOftenItRuns(Rig rig) throws IOException {
        Path file = file(
                "a.txt",
                IntStream.range(0, 1_234).mapToObj(i -> "line " + i % 100).collect(Collectors.joining("\n")) + "\n\n");
        JsonNode first = load(rig, file).json();
        assertThat(first.toString()).isEqualTo("{\"lines\":1234,\"accepted\":1234,\"duplicates\":0,\"refused\":0}");
        JsonNode second = load(rig, file, "--batch", "77").json();
        assertThat(second.path("duplicates").asInt()).isEqualTo(1_234);
        assertThat(waiting(rig)).isEqualTo(1_234);
        assertThat(rig.get("/api/v1/jobs?limit=1&queue=" + queue)
                        .json()
                        .at("/items/0/payload/line")
                        .asText())
                .matches("line \\d{1,2}"); // which one is first is nobody's promise
    }

    @Test
    void addsWhatIsMissingAfterACrash(Rig rig) throws IOException {
        String all =
                IntStream.range(0, 500).mapToObj(i -> "{\"n\":" + i + ".10}").collect(Collectors.joining("\n"));
        Path file = file("a.ndjson", all);
        rig.send("PUT", "/api/v1/queues/" + queue, "{\"maxJobs\":200}");
        // as far as it got before it gave up
        Shell.Result broken = load(rig, file, "--patience", "0s", "--batch", "100");
        assertThat(broken.code()).isIn(7, 8);
        assertThat(waiting(rig)).isEqualTo(200);
        rig.send("PUT", "/api/v1/queues/" + queue, "{}");
        JsonNode rest = load(rig, file).json();
        assertThat(rest.path("accepted").asInt()).isEqualTo(300);
        assertThat(rest.path("duplicates").asInt()).isEqualTo(200);
        assertThat(waiting(rig)).isEqualTo(500);
        assertThat(rig.get("/api/v1/jobs?limit=1&queue=" + queue).text()).contains("\"payload\":{\"n\":0.10}");
    }

    @Test
    void waitsWhileTheQueueIsFull(Rig rig) throws IOException {
        Path file = file("a.txt", "a\nb\nc\n");
        rig.send("PUT", "/api/v1/queues/" + queue, "{\"maxJobs\":2}");
        CompletableFuture<Shell.Result> running = CompletableFuture.supplyAsync(() -> load(rig, file));
        org.awaitility.Awaitility.await()
                .until(() -> rig.get("/api/v1/queues/" + queue).status() == 200 && waiting(rig) == 2);
        rig.send("PUT", "/api/v1/queues/" + queue, "{}");
        Shell.Result result = running.join();
        assertThat(result.code()).isZero();
        assertThat(result.json().path("accepted").asInt()).isEqualTo(3);
        assertThat(result.err().lines().filter(line -> line.contains("waiting:")))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void readsCsvByTheNamesOfItsFirstRow(Rig rig) throws IOException {
        Path file = file("a.csv", "id,text\r\n1,\"a, \"\"b\"\"\nsecond line\"\r\n2,plain\r\n");
        assertThat(load(rig, file).json().path("accepted").asInt()).isEqualTo(2);
        assertThat(rig.get("/api/v1/jobs?queue=" + queue).text())
                .contains("{\"id\":\"1\",\"text\":\"a, \\\"b\\\"\\nsecond line\"}")
                .contains("{\"id\":\"2\",\"text\":\"plain\"}");
    }

    @Test
    void stopsAtABrokenLineAndNamesIt(Rig rig) throws IOException {
        Path file = file("a.ndjson", "{\"a\":1}\n{\"a\":2}\n{broken\n");
        Shell.Result result = load(rig, file);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("line 3 is not JSON");
        assertThat(waiting(rig)).isEqualTo(2);
        assertThat(load(rig, file("b.csv", "a,b\n1\n")).err()).contains("line 2 has 1 cells, the header has 2");
    }

    @Test
    void takesALineThatIsThereTwiceOnce(Rig rig) throws IOException {
        Path file = file("a.txt", "x\ny\nx\nx\n");
        JsonNode result = load(rig, file, "--unique-lines").json();
        assertThat(result.path("accepted").asInt()).isEqualTo(2);
        assertThat(result.path("duplicates").asInt()).isEqualTo(2);
    }

    @Test
    void refusesWhatItCannotRead(Rig rig) throws IOException {
        assertThat(load(rig, dir.resolve("none")).code()).isEqualTo(3);
        assertThat(load(rig, file("a.txt", "x"), "--batch", "0").code()).isEqualTo(2);
        assertThat(load(rig, file("a.txt", "x"), "--format", "xml").code()).isEqualTo(2);
        assertThat(load(rig, file("long.txt", "x".repeat(300_000))).err()).contains("longer than 262144 bytes");
        assertThat(load(rig, file("a.txt", "x\ny\n"), "--dry-run")
                        .json()
                        .path("lines")
                        .asInt())
                .isEqualTo(2);
        assertThat(rig.get("/api/v1/queues/" + queue).status()).isEqualTo(404);
    }
}
