package io.penstock.embedded;

import static io.penstock.embedded.Talk.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
    @TempDir
    Path directory;

    @Test
    void refusesASecondServerInThisProcessAndInAnother() throws IOException {
        try (var first = EmbeddedRedis.start(directory)) {
            long own = ProcessHandle.current().pid();
            assertThatThrownBy(() -> EmbeddedRedis.start(directory))
                    .isInstanceOf(EmbeddedRedisException.class)
                    .hasMessageContaining("this process (pid " + own + ")");
            // after the refusal above: POSIX would have dropped the lock had the file been opened and closed again
            try (var other = new ParentJvm(directory.toString())) {
                assertThat(other.answer())
                        .contains("The data directory is in use: " + directory.toRealPath() + " is held by pid " + own)
                        .contains("Nothing was started")
                        .contains("Stop that process or choose another directory");
            }
            assertThat(call(first, "PING")).isEqualTo("PONG");
        }
    }

    @Test
    void namesTheOtherProcessThatHoldsIt() throws IOException {
        try (var other = new ParentJvm(directory.toString())) {
            other.answer();
            assertThatThrownBy(() -> EmbeddedRedis.start(directory))
                    .isInstanceOf(EmbeddedRedisException.class)
                    .hasMessageContaining("is held by pid " + other.pid());
        }
    }

    @Test
    void canBeTakenAgainAfterClose() throws IOException {
        DirectoryLock.acquire(directory).close();
        DirectoryLock.acquire(directory).close();
    }
}
