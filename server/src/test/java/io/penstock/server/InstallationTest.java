package io.penstock.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.RedisException;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.SettingsException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@ExtendWith(RigExtension.class)
@Isolated // it counts threads
final class InstallationTest {
    @TempDir
    private Path dir;

    @Test
    void keepsJobsAndTokenOverARestartOfItsOwnRedis() {
        Rig first = Rig.start(dir.resolve("data"), flags -> {});
        assertThat(first.hints()).contains(first.token()).contains("mode 0600");
        String id = first.enqueue("default", "{\"type\":\"nobody.knows\",\"payload\":7}");
        assertThat(first.get("/api/v1/info").json().path("handlers")).isEmpty();
        first.stop();
        try (Rig second = Rig.start(dir.resolve("data"), flags -> {})) {
            assertThat(second.token()).isEqualTo(first.token());
            assertThat(second.hints()).isEmpty();
            assertThat(second.job(id).path("payload").asInt()).isEqualTo(7);
        }
    }

    @Test
    void startsItsOwnRedisAgainWhenThatDiesAlone() {
        List<ProcessHandle> before = ProcessHandle.current().children().toList();
        try (Rig rig = Rig.start(dir.resolve("data"), flags -> {})) {
            String id = rig.enqueue("default", "{\"type\":\"nobody.knows\",\"payload\":7}");
            ProcessHandle server = ProcessHandle.current()
                    .children()
                    .filter(child -> !before.contains(child))
                    .findFirst()
                    .orElseThrow();
            server.destroyForcibly();
            await().until(() -> !server.isAlive());
            await().until(() -> rig.get("/api/v1/jobs/" + id).status() == 200);
            assertThat(rig.job(id).path("payload").asInt()).isEqualTo(7);
        }
    }

    @Test
    void refusesAnAddressThatOthersReach() {
        assertThatThrownBy(() -> Rig.start(dir, flags -> flags.put(Setting.BIND, "0.0.0.0")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("0.0.0.0")
                .hasMessageContaining("--insecure-plaintext");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void opensItWhenToldAndThenAnswersToAnyName(EmbeddedRedis redis) throws IOException {
        try (Rig open = Rig.start(redis, flags -> {
                    flags.put(Setting.BIND, "0.0.0.0");
                    flags.put(Setting.INSECURE_PLAINTEXT, "true");
                });
                Wire wire = new Wire(open)) {
            wire.send("GET /livez HTTP/1.1\r\nHost: jobs.example\r\n\r\n");
            assertThat(wire.status()).isEqualTo(200);
            assertThat(open.bare("GET", "/api/v1/jobs").status()).isEqualTo(401);
        }
    }

    @Test
    void leavesNothingBehindWhenItCannotStart(EmbeddedRedis redis) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Set<String> before = threads();
            assertThatThrownBy(() ->
                            Rig.start(redis, flags -> flags.put(Setting.PORT, Integer.toString(taken.getLocalPort()))))
                    .hasMessageContaining("use");
            await().untilAsserted(() -> assertThat(threads()).isEqualTo(before));
        }
        assertThatThrownBy(() -> Rig.start(dir, flags -> flags.put(Setting.REDIS, "redis://127.0.0.1:1")))
                .isInstanceOf(RedisException.class);
    }

    @Test
    void leavesNoThreadBehindWhenItStops(EmbeddedRedis redis) {
        Set<String> before = threads();
        Rig rig = Rig.start(redis, flags -> {});
        rig.enqueue(Rig.queue(), "{\"type\":\"demo.echo\"}");
        rig.close();
        await().untilAsserted(() -> assertThat(threads()).isEqualTo(before));
    }

    private static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (name.startsWith("penstock") || name.startsWith("lettuce") || name.startsWith("XNIO")) {
                names.add(name + "#" + thread.getId());
            }
        }
        // those of the shared server come and go with its load
        names.removeIf(name -> name.startsWith("penstock-run")
                || name.startsWith("penstock-http task")
                || name.startsWith("penstock-take"));
        return names;
    }

    @Test
    void letsJobsEndAndHandsBackTheRest(EmbeddedRedis redis, Rig other) {
        Rig stopping = Rig.start(redis, flags -> {
            flags.put(Setting.SHUTDOWN_TIMEOUT, "1500ms");
            flags.put(Setting.CONCURRENCY, "2");
        });
        String queue = Rig.queue();
        String quick = stopping.enqueue(queue, "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":700}}");
        String slow = stopping.enqueue(queue, "{\"type\":\"demo.sleep\",\"payload\":{\"ms\":3600000}}");
        await().until(() -> stopping.get("/api/v1/queues/" + queue)
                        .json()
                        .at("/counts/active")
                        .asInt()
                == 2);
        CompletableFuture<Void> stop = CompletableFuture.runAsync(stopping::stop);
        await().until(() -> stopping.bare("GET", "/readyz").status() == 503);
        assertThat(stopping.bare("GET", "/livez").status()).isEqualTo(200);
        assertThat(stopping.post("/api/v1/queues/" + queue + "/jobs", "{\"type\":\"demo.echo\"}")
                        .problem())
                .isEqualTo("shutting-down");
        stop.join();
        assertThat(other.job(quick).path("state").asText()).isEqualTo("completed");
        // handed back uncharged, and taken up by the other server
        await().until(() -> other.job(slow).path("state").asText().matches("active|waiting"));
        assertThat(other.job(slow).path("attempt").asInt()).isLessThanOrEqualTo(1);
        other.post("/api/v1/jobs/" + slow + ":cancel", null);
        assertThatThrownBy(() -> stopping.bare("GET", "/livez")).hasCauseInstanceOf(ConnectException.class);
        stopping.close();
    }

    @Test
    void saysThatRedisIsAway() {
        try (EmbeddedRedis own = EmbeddedRedis.builder().persistence(false).start();
                Rig rig = Rig.start(own, flags -> {})) {
            assertThat(rig.bare("GET", "/readyz").status()).isEqualTo(200);
            own.kill();
            await().until(() -> rig.bare("GET", "/readyz").status() == 503);
            assertThat(rig.bare("GET", "/livez").status()).isEqualTo(200);
            Rig.Answer refused = rig.post("/api/v1/queues/default/jobs", "{\"type\":\"x.y\"}");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.problem()).isEqualTo("redis-unreachable");
            assertThat(refused.header("Retry-After")).isNotEmpty();
            assertThat(rig.get("/api/v1/health").json().path("status").asText()).isEqualTo("unhealthy");
            own.restart();
            await().atMost(java.time.Duration.ofSeconds(20))
                    .until(() -> rig.bare("GET", "/readyz").status() == 200);
            rig.enqueue("default", "{\"type\":\"x.y\"}");
        }
    }

    @Test
    void runsHandlersOutOfAJar(EmbeddedRedis redis) throws IOException {
        Path plugins = Files.createDirectory(dir.resolve("plugins"));
        jar(plugins.resolve("shout.jar"));
        try (Rig rig = Rig.start(redis, flags -> {
            flags.put(Setting.PLUGINS, plugins.toString());
            flags.put(Setting.DEMO, "false");
        })) {
            assertThat(rig.get("/api/v1/info").json().path("handlers").toString())
                    .isEqualTo("[\"plug.shout\"]");
            String id = rig.enqueue(Rig.queue(), "{\"type\":\"plug.shout\",\"payload\":\"hey\"}");
            await().until(() -> rig.job(id).path("result").asText().equals("HEY"));
        }
        Files.writeString(plugins.resolve("broken.jar"), "no jar at all");
        assertThat(plugins).isDirectoryContaining(file -> file.endsWith("broken.jar"));
        assertThatThrownBy(() -> Rig.start(
                        redis,
                        flags -> flags.put(
                                Setting.PLUGINS, dir.resolve("nowhere").toString())))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("nowhere");
    }

    private void jar(Path jar) throws IOException {
        Path source = Files.writeString(dir.resolve("Shout.java"), """
                public final class Shout implements io.penstock.server.plugin.Plugin {
                    public void register(io.penstock.server.plugin.Registry registry) {
                        registry.handle(io.penstock.job.JobType.of("plug.shout", String.class),
                                (text, job) -> job.result(text.toUpperCase(java.util.Locale.ROOT)));
                    }
                }
                """);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.run(
                        null,
                        null,
                        null,
                        "-d",
                        dir.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString()))
                .isZero();
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("Shout.class"));
            out.write(Files.readAllBytes(dir.resolve("Shout.class")));
            out.putNextEntry(new JarEntry("META-INF/services/io.penstock.server.plugin.Plugin"));
            out.write("Shout\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }
}
