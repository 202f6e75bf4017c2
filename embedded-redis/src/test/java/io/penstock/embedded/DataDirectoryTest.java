package io.penstock.embedded;

import static io.penstock.embedded.Talk.awaitGone;
import static io.penstock.embedded.Talk.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void reportsAServerThatAnEarlierProcessLeftRunning() throws IOException {
        try (var parent = new ParentJvm(directory.toString())) {
            long server = Long.parseLong(parent.answer().split(" ", -1)[0]);
            // without its guard, nobody ends the server with its parent
            ProcessHandle.of(server).orElseThrow().children().forEach(ProcessHandle::destroyForcibly);
            parent.kill();
            var heir = EmbeddedRedis.builder().dataDir(directory).startTimeout(Duration.ofMillis(300));
            assertThatThrownBy(heir::start)
                    .isInstanceOf(EmbeddedRedisException.class)
                    .hasMessageContaining("still uses the data directory: pid " + server)
                    .hasMessageContaining("kill " + server);
            ProcessHandle.of(server).orElseThrow().destroyForcibly();
            awaitGone(server);
            heir.startTimeout(Duration.ofSeconds(10)).start().close();
            assertThat(names(directory, "run-*")).isEmpty();
        }
    }

    @Test
    void isNotFooledByAYoungerProcessWithTheSamePid() throws IOException {
        Path pidFile = directory.resolve("redis.pid");
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
        Files.setLastModifiedTime(pidFile, FileTime.from(Instant.EPOCH));
        EmbeddedRedis.start(directory).close();
    }

    @Test
    void refusesAServerThatWouldStartEmptyBesideTheFilesOfRedis7() throws IOException {
        Files.createDirectory(directory.resolve("appendonlydir"));
        assertThatThrownBy(() -> Variant.BUNDLED.on(directory).start())
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("was written by Redis 7 or later")
                .hasMessageContaining("would ignore and start empty");
        assertThat(names(directory, "run-*")).isEmpty();
    }

    @Test
    void refusesAPathThatIsAFile() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> EmbeddedRedis.start(file))
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("The data directory cannot be used")
                .hasMessageContaining("Nothing was started");
    }
}
