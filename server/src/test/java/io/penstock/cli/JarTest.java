package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one jar as people run it; after packaging, because before that there is none. */
@Tag("jar")
final class JarTest {
    private static final Path JAR = Path.of(System.getProperty("basedir", ".")).resolve("target/penstock-server.jar");

    @TempDir
    private Path dir;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process start(Path out, Path err, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-jar",
                JAR.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PENSTOCK_"));
        builder.environment().put("XDG_DATA_HOME", dir.toString());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private String up(int number) throws IOException {
        Path out = dir.resolve("up" + number + ".out");
        Path err = dir.resolve("up" + number + ".err");
        Process process = start(out, err, "up", "--demo", "--port", "0");
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.readString(out).contains("\n") || !process.isAlive());
        assertThat(Files.readString(out))
                .as(Files.readString(err))
                .matches("penstock ready on http://127\\.0\\.0\\.1:\\d+\\n");
        return Files.readString(out).strip().replaceAll(".* ", "");
    }

    private String client(int code, String url, String... arguments) throws IOException, InterruptedException {
        Path out = dir.resolve("client.out");
        Path err = dir.resolve("client.err");
        String[] all = new String[arguments.length + 2];
        all[0] = "-u";
        all[1] = url;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        Process process = start(out, err, all);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(out) + Files.readString(err))
                .isEqualTo(code);
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    @Test
    void startsServesDrainsAndRemembers() throws Exception {
        String url = up(1);
        Process server = processes.get(0);
        assertThat(client(
                        0,
                        url,
                        "job",
                        "enqueue",
                        "demo.echo",
                        "--payload",
                        "{\"hello\":\"world\"}",
                        "--wait",
                        "-o",
                        "json"))
                .contains("\"hello\" : \"world\"");
        String id = client(0, url, "job", "enqueue", "never.handled", "--queue", "kept", "--delay", "1h")
                .strip();
        assertThat(client(0, url, "doctor", "-o", "csv")).contains("redis eviction,ok");
        server.destroy(); // SIGTERM
        assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue())
                .as(Files.readString(dir.resolve("up1.err")))
                .isZero();
        client(6, url, "queue", "list");
        String again = up(2);
        assertThat(client(0, again, "job", "get", id)).contains("delayed");
        assertThat(client(0, again, "version")).contains("version").doesNotContain("development");
        assertThat(Files.readString(dir.resolve("up2.err")))
                .doesNotContain("pk_")
                .doesNotContain("Exception");
    }
}
