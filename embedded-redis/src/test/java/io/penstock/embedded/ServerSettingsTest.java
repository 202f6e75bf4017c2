package io.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSettingsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"port", "bind", "requirepass", "daemonize", "dir", "include", "appendonly", "unixsocketperm"})
    void refusesWhatWouldExposeTheServerOrLoseItsData(String name) {
        assertThatThrownBy(() -> EmbeddedRedis.builder().setting(name, "1"))
                .isInstanceOf(EmbeddedRedisException.class)
                .hasMessageContaining("'" + name + "' (legal: anything but ")
                .hasMessageContaining("Nothing was started");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Port", "save 1\nport", "#", "a b"})
    void refusesNamesThatAreNone(String name) {
        assertThatThrownBy(() -> ServerSettings.line(name, "1")).isInstanceOf(EmbeddedRedisException.class);
    }

    @Test
    void refusesValuesThatSmuggleALine() {
        assertThatThrownBy(() -> ServerSettings.line("timeout", "1\nport 6379"))
                .isInstanceOf(EmbeddedRedisException.class);
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatThrownBy(
                        () -> EmbeddedRedis.builder().appendFsync("sometimes").start())
                .hasMessageContaining("'sometimes' (legal: one of always, everysec, no)");
        assertThatThrownBy(() -> EmbeddedRedis.builder().maxMemoryBytes(-1).start())
                .hasMessageContaining("'-1' (legal: 0 (no limit) or more)");
        assertThatThrownBy(() -> EmbeddedRedis.builder().startTimeout(Duration.ZERO))
                .hasMessageContaining("PT0S (legal: above zero)");
        assertThatThrownBy(() -> new ServerSettings(true, "no", 0, Collections.nCopies(201, "timeout 1")))
                .hasMessageContaining("'201 lines' (legal: at most 200)");
    }

    @Test
    void writesWhatWasChosenAndItsOwnLinesFirst() {
        var settings = new ServerSettings(false, "always", 42, List.of("timeout 7"));
        assertThat(settings.redisConf(Path.of("/a \"b\""), Path.of("/log"), new Endpoint(null, 7, "pw")))
                .contains("\nport 7\nbind 127.0.0.1\nrequirepass pw\n")
                .contains("\ndir \"/a \\\"b\\\"\"\n")
                .contains("\nappendonly no\nappendfsync always\n")
                .contains("\nmaxmemory 42\nmaxmemory-policy noeviction\n")
                .endsWith("\ntimeout 7\n");
    }
}
