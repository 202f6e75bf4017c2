package io.penstock.embedded;

import static io.penstock.embedded.Talk.awaitGone;
import static io.penstock.embedded.Talk.call;
import static io.penstock.embedded.Talk.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServerProcessTest {
    @TempDir
    Path directory;

    @Test
    void diesWithAKilledParentButKeepsWhatItAcknowledged() throws IOException {
        try (var parent = new ParentJvm(directory.toString())) {
            long server = Long.parseLong(parent.answer().split(" ", -1)[0]);
            Path socket = directory
                    .toRealPath()
                    .resolve(names(directory, "run-*").get(0))
                    .resolve("redis.sock");
            Deadline deadline = Deadline.in(Duration.ofSeconds(5));
            try (var client = RespConnection.open(Endpoint.unix(socket), deadline)) {
                for (int i = 0; i < 1_000; i++) client.call(deadline, "RPUSH", "jobs", "j" + i);
            }
            assertThat(ProcessHandle.of(server)).isPresent();
            parent.kill();
            // starts before the old server is gone: must wait for it, not share the file with it
            try (var heir = EmbeddedRedis.start(directory)) {
                assertThat(call(heir, "LLEN", "jobs")).isEqualTo("1000");
                awaitGone(server);
                assertThat(call(heir, "PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void removesItsTemporaryDataWhenTheParentIsKilled() throws IOException {
        try (var parent = ParentJvm.withTemporaryData()) {
            String[] started = parent.answer().split(" ", -1);
            assertThat(Path.of(started[1])).isDirectory();
            parent.kill();
            awaitGone(Long.parseLong(started[0]));
            await().pollInterval(Duration.ofMillis(20)).until(() -> Files.notExists(Path.of(started[1])));
        }
    }

    @Test
    void diesWithAParentThatExitsWithoutClosing() throws IOException, InterruptedException {
        try (var parent = new ParentJvm(directory.toString())) {
            long server = Long.parseLong(parent.answer().split(" ", -1)[0]);
            parent.exit();
            awaitGone(server);
        }
    }

    @Test
    void survivesTheKeyboardInterruptMeantForItsParent() throws IOException {
        assumeThat(ServerBinaries.inPath(System.getenv(), "setsid"))
                .as("without setsid the server shares the parent's process group")
                .isPresent();
        try (var redis = EmbeddedRedis.start(directory)) {
            assertThat(processGroup(redis.pid()))
                    .isEqualTo(redis.pid())
                    .isNotEqualTo(processGroup(ProcessHandle.current().pid()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void dropsATornTailOfTheAppendOnlyFile(Variant variant) throws IOException {
        try (var redis = variant.on(directory).start()) {
            call(redis, "SET", "first", "whole");
            call(redis, "SET", "second", "torn");
        }
        Path file = appendOnlyFile();
        try (var torn = new RandomAccessFile(file.toFile(), "rw")) {
            torn.setLength(torn.length() - 7);
        }
        try (var redis = variant.on(directory).start()) {
            assertThat(call(redis, "GET", "first")).isEqualTo("whole");
            assertThat(call(redis, "EXISTS", "second")).isEqualTo("0");
            call(redis, "SET", "third", "after");
        }
        try (var redis = variant.on(directory).start()) {
            assertThat(call(redis, "GET", "third")).isEqualTo("after");
        }
    }

    @Test
    void quotesTheServerWhenTheAppendOnlyFileIsBroken() throws IOException {
        try (var redis = EmbeddedRedis.start(directory)) {
            call(redis, "SET", "first", "whole");
        }
        Files.writeString(appendOnlyFile(), "this is no append-only file at all\r\n".repeat(10));
        assertThatThrownBy(() -> EmbeddedRedis.start(directory))
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("Redis ended while it started: ")
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("Bad file format")
                .hasMessageContaining("the data is untouched")
                .hasMessageContaining("redis.log");
        assertThat(names(directory, "run-*")).isEmpty();
    }

    @Test
    void quotesTheServerWhenASettingIsUnknown() {
        assertThatThrownBy(() -> EmbeddedRedis.builder()
                        .dataDir(directory)
                        .setting("no-such-directive", "1")
                        .start())
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("no-such-directive 1")
                .hasMessageContaining("exit code 1");
    }

    @ParameterizedTest
    @EnumSource
    void waitsUntilTheDataAreLoaded(Variant variant) throws IOException {
        writeCommands(3_000);
        try (var redis = loadingSlowly(variant).start()) {
            assertThat(call(redis, "DBSIZE")).isEqualTo("3000");
            assertThat(call(redis, "INFO", "persistence")).contains("loading:0\r\n");
        }
    }

    @Test
    void givesUpALoadThatTakesTooLong() throws IOException {
        writeCommands(20_000);
        var builder = loadingSlowly(Variant.SYSTEM).startTimeout(Duration.ofMillis(700));
        assertThatThrownBy(builder::start)
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("Redis did not become ready")
                .hasMessageContaining("LOADING")
                .hasMessageContaining("Raise startTimeout");
        await().pollInterval(Duration.ofMillis(10))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isEmpty());
    }

    /** The delay is Redis's own hidden setting for its tests: microseconds for every key. */
    private EmbeddedRedis.Builder loadingSlowly(Variant variant) {
        return variant.on(directory).setting("key-load-delay", "200");
    }

    /** As Redis 6 wrote it; Redis 7 takes it over. */
    private void writeCommands(int count) throws IOException {
        var commands = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String key = "job:" + i;
            commands.append("*3\r\n$3\r\nSET\r\n$")
                    .append(key.length())
                    .append("\r\n")
                    .append(key);
            commands.append("\r\n$1\r\nx\r\n");
        }
        Files.writeString(directory.resolve("appendonly.aof"), commands);
    }

    private Path appendOnlyFile() throws IOException {
        Path parts = directory.resolve("appendonlydir");
        if (!Files.exists(parts)) return directory.resolve("appendonly.aof");
        return parts.resolve(names(parts, "*.incr.aof").get(0));
    }

    private static long processGroup(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[2]);
    }
}
