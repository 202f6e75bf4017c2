package io.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerVersionTest {
    @ParameterizedTest
    @CsvSource({
        "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1, 7.0.15, false, true",
        "Redis server v=6.2.11 sha=00000000:0 malloc=libc bits=32 build=1, 6.2.11, false, false",
        "Valkey server v=8.0.1 sha=00000000:0, valkey 8.0.1, false, true",
        "Redis server v=4.0.14 sha=00000000:0, 4.0.14, true, false"
    })
    void isReadFromWhatTheServerPrints(String line, String text, boolean tooOld, boolean multiPart) {
        var version = ServerVersion.parse(line).orElseThrow();
        assertThat(version).hasToString(text);
        assertThat(version.tooOld()).isEqualTo(tooOld);
        assertThat(version.readsMultiPartAof()).isEqualTo(multiPart);
    }

    @Test
    void isAbsentFromAnythingElse() {
        assertThat(ServerVersion.parse("")).isEmpty();
        assertThat(ServerVersion.parse("usage: server [options]")).isEmpty();
    }
}
