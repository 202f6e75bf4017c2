package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.runtime.Threads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole server, killed again and again while a file is imported and its lines are processed; the books are kept
 * outside of it: a plug-in writes down each start of a run before it does anything.
 */
final class ServerKillChaosTest {
    private static final int KILLS = 20;
    private static final int LINES = 3_500;
    private static final String TOKEN = "a-token-for-the-server-that-is-killed";

    /** Long enough that a slow machine renews in time, short enough that the dead are buried within the test. */
    private static final Duration LEASE = Duration.ofSeconds(2);

    @TempDir
    private Path dir;

    private final Threads threads = new Threads(4);
    private final AtomicReference<ServerProcess> server = new AtomicReference<>();
    private int port;
    private int life;

    /** One line of the plug-in's book: this job was started, as its so manieth delivery, by this life of the server. */
    private record Start(String id, int delivery, int life, long millis) {
        static Start of(String line) {
            String[] part = line.split(" ", -1);
            return new Start(part[0], Integer.parseInt(part[1]), Integer.parseInt(part[2]), Long.parseLong(part[3]));
        }
    }

    @AfterEach
    void end() {
        ServerProcess last = server.get();
        if (last != null) {
            last.close();
        }
        threads.close();
    }

    @Test
    void losesNothingAndEndsNothingTwiceThroughTwentyKills() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        plugin();
        List<String> lines = classesOfThisJdk();
        Path file = Files.write(dir.resolve("classes.txt"), lines);
        List<Long> kills = new ArrayList<>();
        up();
        Shell shell =
                new Shell().with("PENSTOCK_URL", "http://127.0.0.1:" + port).with("PENSTOCK_TOKEN", TOKEN);
        assertThat(shell.run("queue", "set", "proof", "completed.count=1000000", "completed.age=1d")
                        .code())
                .isZero();
        AtomicReference<Shell.Result> imported = new AtomicReference<>();
        String[] load = {
            "import", "file", file.toString(), "--queue", "proof", "--type", "proof.line", "--batch", "50", "-o", "json"
        };
        Thread importing = threads.start("import", () -> imported.set(shell.run(load)));
        while (kills.size() < KILLS) {
            awaitWork();
            kills.add(System.currentTimeMillis());
            server.get().kill();
            up();
        }
        long killed = System.currentTimeMillis();
        importing.join(Duration.ofSeconds(60).toMillis());
        assertThat(imported.get()).as("the import ended").isNotNull();
        assertThat(imported.get().code()).as(imported.get().err()).isZero();
        assertThat(imported.get().json().path("accepted").asInt()
                        + imported.get().json().path("duplicates").asInt())
                .isEqualTo(LINES);
        assertThat(shell.run(load).json().path("duplicates").asInt())
                .as("imported once more: every line is there")
                .isEqualTo(LINES);
        await().atMost(Duration.ofSeconds(60)).until(() -> ended(stats(shell)) >= LINES && idle(stats(shell)));
        System.out.printf(
                "server killed for=%d ms, drained for=%d ms%n",
                killed - kills.get(0), System.currentTimeMillis() - killed);
        balance(shell, lines, kills);
        assertThat(server.get().stop()).isZero();
    }

    private void up() throws IOException {
        life++;
        server.set(ServerProcess.up(
                dir.resolve("server.log"),
                Map.of(
                        "PENSTOCK_TOKEN",
                        TOKEN,
                        "PENSTOCK_LEASE",
                        LEASE.toMillis() + "",
                        "PROOF_BOOK",
                        book().toString(),
                        "PROOF_LIFE",
                        Integer.toString(life)),
                "--port",
                Integer.toString(port),
                "--data-dir",
                dir.resolve("data").toString(),
                "--plugins",
                dir.resolve("plugins").toString(),
                "--queues",
                "proof",
                "--concurrency",
                "4"));
    }

    private Path book() {
        return dir.resolve("book");
    }

    /** A kill in the middle: runs of this life have started. */
    private void awaitWork() {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() ->
                        starts().stream().filter(start -> start.life == life).count() >= 40);
    }

    private List<Start> starts() throws IOException {
        if (!Files.exists(book())) {
            return List.of();
        }
        String text = Files.readString(book());
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(Start::of)
                .toList();
    }

    private static JsonNode stats(Shell shell) {
        return shell.run("queue", "stats", "proof", "-o", "json").json();
    }

    private static int ended(JsonNode stats) {
        return stats.path("completedTotal").asInt() + stats.path("failedTotal").asInt();
    }

    private static boolean idle(JsonNode stats) {
        return Stream.of("waiting", "delayed", "active")
                .allMatch(state -> stats.path("counts").path(state).asInt() == 0);
    }

    private void balance(Shell shell, List<String> lines, List<Long> kills) throws IOException {
        Map<String, String> completed = new HashMap<>();
        Set<String> poisoned = new HashSet<>();
        List<String> done = new ArrayList<>();
        for (String state : List.of("completed", "failed")) {
            Shell.Result list =
                    shell.run("job", "list", "--queue", "proof", "--state", state, "--limit", "100000", "-o", "json");
            for (JsonNode job : list.json()) {
                String id = job.path("id").asText();
                done.add(job.path("payload").path("line").asText());
                assertThat(completed.put(id, state))
                        .as("job %s is listed once", id)
                        .isNull();
                if (state.equals("failed")) {
                    // three deaths that it was marked for: the mark comes just before the start that the book tells of
                    assertThat(job.path("error").path("type").asText()).isEqualTo("poison");
                    assertThat(job.path("deliveries").asInt()).isGreaterThanOrEqualTo(3);
                    poisoned.add(id);
                }
            }
        }
        assertThat(done).as("every line ended, and once").containsExactlyInAnyOrderElementsOf(lines);
        assertThat(ended(stats(shell))).as("ends that were counted").isEqualTo(LINES);
        Map<String, List<Start>> runs = new HashMap<>();
        List<Start> starts = starts();
        starts.forEach(
                start -> runs.computeIfAbsent(start.id, id -> new ArrayList<>()).add(start));
        assertThat(runs.keySet()).isEqualTo(completed.keySet());
        runs.values().forEach(all -> explained(all, kills));
        int reruns = starts.size() - runs.size();
        System.out.printf(
                "server kills=%d lines=%d ended=%d lost=0 twice=0 reruns=%d poisoned=%d%n",
                kills.size(), lines.size(), done.size(), reruns, poisoned.size());
        assertThat(reruns).as("the kills hit running jobs").isPositive();
    }

    /** Each further run is a delivery of its own, of another life, and came after the lease of the dead one had ended. */
    private static void explained(List<Start> all, List<Long> kills) {
        for (int i = 1; i < all.size(); i++) {
            Start before = all.get(i - 1);
            Start again = all.get(i);
            assertThat(again.delivery).as("%s after %s", again, before).isGreaterThan(before.delivery);
            if (again.life == before.life) {
                assertThat(again.millis - before.millis).isGreaterThanOrEqualTo(LEASE.toMillis());
            } else {
                // the dead one renewed at most a sixth of the lease before it was killed
                assertThat(again.millis - kills.get(before.life - 1)).isGreaterThanOrEqualTo(LEASE.toMillis() / 2);
            }
        }
    }

    /** Real names that every JDK brings along: 6,445 in Java 17. */
    private static List<String> classesOfThisJdk() throws IOException {
        Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
        try (Stream<Path> files = Files.walk(base)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".class"))
                    .limit(LINES)
                    .toList();
        }
    }

    /** A plug-in whose job is to hash its line and wait 10 ms as for an answer, after it wrote down that it starts. */
    private void plugin() throws IOException {
        Path source = Files.writeString(dir.resolve("Proof.java"), """
                import java.nio.ByteBuffer;
                import java.nio.channels.FileChannel;
                import java.nio.charset.StandardCharsets;
                import java.nio.file.Path;
                import java.nio.file.StandardOpenOption;
                import java.security.MessageDigest;
                import java.util.HexFormat;
                import java.util.Map;

                public final class Proof implements io.penstock.server.plugin.Plugin {
                    public void register(io.penstock.server.plugin.Registry registry) {
                        try {
                            FileChannel book = FileChannel.open(Path.of(System.getenv("PROOF_BOOK")),
                                    StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
                            String life = System.getenv("PROOF_LIFE");
                            registry.handle(io.penstock.job.JobType.of("proof.line", Map.class), (payload, job) -> {
                                String start = job.id() + " " + job.deliveries() + " " + life + " "
                                        + System.currentTimeMillis() + "\\n";
                                book.write(ByteBuffer.wrap(start.getBytes(StandardCharsets.UTF_8)));
                                byte[] hash = payload.get("line").toString().getBytes(StandardCharsets.UTF_8);
                                hash = MessageDigest.getInstance("SHA-256").digest(hash);
                                java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
                                job.result(HexFormat.of().formatHex(hash));
                            });
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                }
                """);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = System.getProperty("java.class.path");
        assertThat(compiler.run(null, null, null, "-nowarn", "-d", dir.toString(), "-cp", path, source.toString()))
                .isZero();
        Path jar = Files.createDirectory(dir.resolve("plugins")).resolve("proof.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> classes = Files.list(dir)) {
            for (Path file :
                    classes.filter(name -> name.toString().endsWith(".class")).toList()) {
                out.putNextEntry(new JarEntry(file.getFileName().toString()));
                out.write(Files.readAllBytes(file));
            }
            out.putNextEntry(new JarEntry("META-INF/services/io.penstock.server.plugin.Plugin"));
            out.write("Proof\n".getBytes(StandardCharsets.UTF_8));
        }
    }
}
