package io.penstock.payload;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.payload.PayloadException.Reason;
import io.penstock.runtime.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilePayloadStoreTest {
    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private FilePayloadStore store;

    @BeforeEach
    void open() throws IOException {
        store = new FilePayloadStore(directory.resolve("store"), Duration.ofDays(2), clock);
    }

    @Test
    void keepsLargePayloadsOutsideForTheirOwnerOnly() throws IOException {
        PayloadCodec codec = new PayloadCodec(PayloadConfig.PLAIN
                .encrypt(KeyRing.of("k1", PayloadCodecTest.key(1)))
                .offload(store, 100));
        assertThat(codec.seal(new byte[10], "b").encoding()).isEqualTo("a:k1");
        Sealed sealed = codec.seal(new byte[1_000], "b");
        assertThat(sealed.encoding()).isEqualTo("a:k1,o");
        assertThat(sealed.bytes().length).isLessThan(60);
        Path file = directory.resolve("store").resolve(new String(sealed.bytes(), US_ASCII));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(codec.open(sealed, "b")).isEqualTo(new byte[1_000]);
        assertThat(PayloadCodec.words(sealed.encoding())).containsExactly("encrypted:k1", "offloaded");

        store.delete(new String(sealed.bytes(), US_ASCII));
        assertThatThrownBy(() -> codec.open(sealed, "b"))
                .isInstanceOfSatisfying(
                        PayloadException.class,
                        gone -> assertThat(gone.reason()).isEqualTo(Reason.MISSING));
        assertThatThrownBy(() -> PayloadCodec.PLAIN.open(sealed, "b")).hasMessageContaining("has none");
    }

    @Test
    void doesNotLeaveItsDirectoryForANameFromRedis() {
        for (String name : new String[] {"../secret", "/etc/passwd", "1/../../x", ""}) {
            assertThatThrownBy(() -> store.get(name, 100)).hasMessageContaining("none of this store's");
        }
    }

    @Test
    void forgetsWhatIsOlderThanItKeeps() throws IOException {
        String old = store.put(new byte[5]);
        clock.advance(Duration.ofDays(2));
        String young = store.put(new byte[5]);
        assertThat(store.get(old, 5)).hasSize(5);
        clock.advance(Duration.ofDays(1));
        String now = store.put(new byte[5]);
        assertThatThrownBy(() -> store.get(old, 5)).isInstanceOf(NoSuchFileException.class);
        assertThat(store.get(young, 5)).hasSize(5);
        assertThat(store.get(now, 5)).hasSize(5);
        assertThatThrownBy(() -> store.get(now, 4)).hasMessageContaining("over 4");
    }
}
