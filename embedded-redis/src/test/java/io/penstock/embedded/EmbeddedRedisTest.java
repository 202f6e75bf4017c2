package io.penstock.embedded;

import static io.penstock.embedded.Talk.call;
import static io.penstock.embedded.Talk.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddedRedisTest {
    @TempDir
    Path directory;

    @Test
    void prefersTheSystemServerAndFallsBackToTheBundledOne() {
        boolean installed = Stream.of("redis-server", "valkey-server")
                .anyMatch(name -> ServerBinaries.inPath(System.getenv(), name).isPresent());
        try (var redis = EmbeddedRedis.start(directory)) {
            System.out.println("Tests of the system's server run with: " + redis);
            assertThat(redis.bundled()).isEqualTo(!installed && System.getenv(ServerBinaries.VARIABLE) == null);
            assertThat(redis.version()).matches("([a-z]+ )?\\d+\\.\\d+\\.\\d+");
        }
    }

    @Test
    void takesTheBundledServerWhenAsked() throws IOException {
        try (var redis = Variant.BUNDLED.on(directory).start()) {
            assertThat(redis.bundled()).isTrue();
            assertThat(call(redis, "INFO", "server")).contains("redis_version:" + redis.version() + "\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsItsDataOverCloseAndStart(Variant variant) throws IOException {
        try (var redis = variant.on(directory).start()) {
            call(redis, "SET", "job", "kept");
        }
        try (var redis = variant.on(directory).start()) {
            assertThat(call(redis, "GET", "job")).isEqualTo("kept");
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsItsDataAndItsUriOverKillAndRestart(Variant variant) throws IOException {
        try (var redis = variant.on(directory).appendFsync("always").start()) {
            String uri = redis.uri();
            long pid = redis.pid();
            call(redis, "SET", "job", "kept");
            redis.kill();
            assertThat(redis.isAlive()).isFalse();
            redis.restart();
            assertThat(redis.isAlive()).isTrue();
            assertThat(redis.pid()).isNotEqualTo(pid);
            assertThat(redis.uri()).isEqualTo(uri);
            assertThat(call(redis, "GET", "job")).isEqualTo("kept");
        }
    }

    @ParameterizedTest
    @EnumSource
    void restartsWhileItRunsWithoutLosingASecond(Variant variant) throws IOException {
        try (var redis = variant.on(directory).unixSocket(false).start()) {
            String uri = redis.uri();
            for (int i = 0; i < 1_000; i++) call(redis, "RPUSH", "jobs", "j" + i);
            redis.restart();
            assertThat(redis.uri()).isEqualTo(uri);
            assertThat(call(redis, "LLEN", "jobs")).isEqualTo("1000");
        }
    }

    @ParameterizedTest
    @EnumSource
    void runsSeveralSideBySide(Variant variant) throws IOException {
        try (var one = variant.on(directory.resolve("one")).start();
                var two = variant.on(directory.resolve("two")).start()) {
            call(one, "SET", "job", "one");
            call(two, "SET", "job", "two");
            assertThat(one.uri()).isNotEqualTo(two.uri());
            assertThat(call(one, "GET", "job")).isEqualTo("one");
            assertThat(call(two, "GET", "job")).isEqualTo("two");
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsItsFilesPrivate(Variant variant) throws IOException {
        Path fresh = directory.resolve("data");
        try (var redis = variant.on(fresh).start()) {
            call(redis, "SET", "job", "secret");
            var modes = modes(redis.dataDir());
            assertThat(modes).containsKeys("", "redis.log", "penstock.lock", "redis.pid");
            assertThat(modes.values()).containsOnly("rwx------", "rw-------");
            Path scratch = redis.endpoint().socket().getParent();
            assertThat(scratch.getParent()).isEqualTo(fresh.toRealPath());
            assertThat(modes(scratch)).containsEntry("", "rwx------").containsEntry("redis.conf", "rw-------");
            assertThat(modes(scratch)).containsEntry("redis.sock", "rwx------");
        }
    }

    @Test
    void listensOnLoopbackBehindAPasswordThatNoCommandLineShows() throws IOException {
        try (var redis =
                EmbeddedRedis.builder().dataDir(directory).unixSocket(false).start()) {
            RedisURI uri = RedisURI.create(redis.uri());
            String password = URI.create(redis.uri()).getUserInfo().substring(1);
            assertThat(uri.getHost()).isEqualTo("127.0.0.1");
            assertThat(password).matches("[0-9a-f]{64}");
            assertThat(redis.toString()).doesNotContain(password);
            assertThat(Files.readString(Path.of("/proc", redis.pid() + "", "cmdline"), StandardCharsets.ISO_8859_1))
                    .contains(Integer.toString(uri.getPort()))
                    .doesNotContain(password);
            Deadline deadline = Deadline.in(Duration.ofSeconds(5));
            try (var stranger = RespConnection.open(new Endpoint(null, uri.getPort(), ""), deadline)) {
                assertThat(stranger.call(deadline, "GET", "job").text()).startsWith("NOAUTH");
            }
            assertThat(call(redis, "PING")).isEqualTo("PONG");
        }
    }

    @Test
    void givesASocketUriThatLettuceReads() {
        Path odd = directory.resolve("da ta \"quoted\" %41 ü #1");
        try (var redis = EmbeddedRedis.start(odd)) {
            assertThat(RedisURI.create(redis.uri()).getSocket())
                    .isEqualTo(redis.endpoint().socket().toString())
                    .startsWith(redis.dataDir().toString());
        }
    }

    @Test
    void movesTheSocketOutOfALongPathAndCleansUpThere() throws IOException {
        Path deep = directory.resolve("d".repeat(60)).resolve("e".repeat(60));
        Path elsewhere;
        try (var redis = EmbeddedRedis.start(deep)) {
            elsewhere = redis.endpoint().socket().getParent();
            assertThat(elsewhere).hasParent(Talk.temporaryFolder().toRealPath());
            assertThat(modes(elsewhere)).containsEntry("", "rwx------").containsEntry("redis.conf", "rw-------");
            assertThat(names(deep, "run-*")).isEmpty();
            redis.restart();
            assertThat(call(redis, "PING")).isEqualTo("PONG");
        }
        assertThat(elsewhere).doesNotExist();
    }

    @Test
    void withoutADirectoryLeavesNothing() throws IOException {
        Path temporary;
        try (var redis = EmbeddedRedis.builder().start()) {
            temporary = redis.dataDir();
            call(redis, "SET", "job", "gone");
            redis.kill();
            redis.restart();
            assertThat(temporary).isDirectory();
        }
        assertThat(temporary).doesNotExist();
    }

    @Test
    void closesTwiceAndThenRefusesToRestart() throws IOException {
        var redis = EmbeddedRedis.start(directory);
        redis.close();
        redis.close();
        assertThat(redis.isAlive()).isFalse();
        assertThat(names(directory, "*")).doesNotContain("redis.pid").noneMatch(name -> name.startsWith("run-"));
        assertThatThrownBy(redis::restart)
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void closesInGoodOrderOnAnInterruptedThread() throws IOException {
        var redis = EmbeddedRedis.start(directory);
        call(redis, "SET", "job", "kept");
        Thread.currentThread().interrupt();
        redis.close();
        assertThat(Thread.interrupted()).isTrue();
        try (var again = EmbeddedRedis.start(directory)) {
            assertThat(call(again, "GET", "job")).isEqualTo("kept");
        }
    }

    @Test
    void givesUpAStartOnAnInterruptedThread() throws IOException {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> EmbeddedRedis.start(directory)).isInstanceOf(EmbeddedRedisException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(names(directory, "run-*")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void leavesNoProcessNoThreadNoFileAfterTwentyCycles(Variant variant) throws IOException {
        variant.on(directory).start().close(); // unpacks, and starts the JDK's own reaper
        Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
        for (int i = 0; i < 20; i++) {
            try (var redis = variant.on(directory).unixSocket(i % 2 == 0).start()) {
                if (i % 5 == 0) redis.kill();
            }
        }
        await().pollInSameThread()
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isEmpty());
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !thread.getName().startsWith("process reaper"))
                .isSubsetOf(threadsBefore);
        assertThat(names(directory, "run-*")).isEmpty();
    }

    @Test
    void writesNothingWithoutPersistence() throws IOException {
        try (var redis =
                EmbeddedRedis.builder().dataDir(directory).persistence(false).start()) {
            call(redis, "SET", "job", "gone");
            redis.restart();
            assertThat(call(redis, "DBSIZE")).isEqualTo("0");
        }
        assertThat(names(directory, "*aof*")).isEmpty();
        assertThat(names(directory, "appendonly*")).isEmpty();
    }

    @Test
    void appliesLimitsAndSettings() throws IOException {
        try (var redis = EmbeddedRedis.builder()
                .dataDir(directory)
                .maxMemoryBytes(123_456_789)
                .setting("maxmemory-policy", "allkeys-lru")
                .setting("save", "3600 0")
                .start()) {
            assertThat(call(redis, "INFO", "memory"))
                    .contains("maxmemory:123456789\r\n")
                    .contains("maxmemory_policy:allkeys-lru\r\n");
        }
        assertThat(directory.resolve("dump.rdb")).exists();
    }

    @Test
    void boundsItsLog() throws IOException {
        Files.writeString(directory.resolve("redis.log"), "x".repeat((1 << 20) + 1));
        EmbeddedRedis.start(directory).close();
        assertThat(Files.size(directory.resolve("redis.log"))).isLessThan(10_000);
        assertThat(Files.size(directory.resolve("redis.log.1"))).isGreaterThan(1 << 20);
    }

    private static Map<String, String> modes(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.collect(Collectors.toMap(file -> root.relativize(file).toString(), EmbeddedRedisTest::mode));
        }
    }

    private static String mode(Path file) {
        try {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            boolean wide =
                    Files.isDirectory(file) || file.toString().matches(".*(redis\\.sock|/bin/redis-server[^/]*)");
            assertThat(mode).as(file.toString()).isEqualTo(wide ? "rwx------" : "rw-------");
            return mode;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
