package io.penstock.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenFileTest {
    @TempDir
    private Path dir;

    @Test
    void makesATokenOnceAndKeepsItPrivate() throws IOException {
        Path data = dir.resolve("a/b/data");
        TokenFile.directory(data);
        TokenFile first = TokenFile.open(data);
        assertThat(first.made()).isTrue();
        assertThat(first.token()).matches("pk_[A-Za-z0-9_-]{43}"); // 256 bits
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first.path())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
        TokenFile second = TokenFile.open(data);
        assertThat(second.made()).isFalse();
        assertThat(second.token()).isEqualTo(first.token());
    }

    @Test
    void refusesAFileWithoutAToken() throws IOException {
        Files.writeString(TokenFile.in(dir), "\n");
        assertThatThrownBy(() -> TokenFile.open(dir))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("holds no token");
    }
}
