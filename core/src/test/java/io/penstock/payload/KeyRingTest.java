package io.penstock.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyRingTest {
    @TempDir
    Path directory;

    private Path file(String rights, String... lines) throws IOException {
        Path file = directory.resolve("keys");
        Files.write(file, java.util.List.of(lines));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        return file;
    }

    private static String line(String id, int seed) {
        return id + " " + Base64.getEncoder().encodeToString(PayloadCodecTest.key(seed));
    }

    @Test
    void readsAFileWhoseFirstKeyWrites() throws IOException {
        KeyRing ring = KeyRing.read(file("rw-------", "# rotated in March", "", line("new", 2), line("old", 1)));
        assertThat(ring.ids()).containsExactly("new", "old");
        assertThat(ring.writer()).isEqualTo("new");
    }

    @Test
    void refusesAFileThatOthersCanRead() throws IOException {
        Path file = file("rw-r--r--", line("k", 1));
        assertThatThrownBy(() -> KeyRing.read(file)).hasMessageContaining("chmod 600");
    }

    @Test
    void namesTheLineThatIsWrongAndNotItsText() throws IOException {
        Path file = file("rw-------", line("k", 1), "k2 c2VjcmV0!!");
        assertThatThrownBy(() -> KeyRing.read(file))
                .hasMessageContaining("line 2")
                .hasMessageNotContaining("c2Vjc");
        Path small = file("rw-------", "k c2hvcnQ=");
        assertThatThrownBy(() -> KeyRing.read(small)).hasMessageContaining("5 bytes, not 32");
        Path twice = file("rw-------", line("k", 1), line("k", 2));
        assertThatThrownBy(() -> KeyRing.read(twice)).hasMessageContaining("its id is taken");
        Path empty = file("rw-------", "# nothing");
        assertThatThrownBy(() -> KeyRing.read(empty)).hasMessageContaining("has no key");
    }
}
