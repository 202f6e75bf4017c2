package io.penstock.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundledBinaryTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, 2",
        "Linux, aarch64, 1",
        "Linux, i386, 1",
        "Mac OS X, x86_64, 1",
        "Mac OS X, aarch64, 1",
        "Windows 11, amd64, 1",
        "Windows 11, aarch64, 0",
        "Linux, riscv64, 0",
        "SunOS, amd64, 0"
    })
    void isThePinnedFileOfTheJar(String os, String arch, int candidates) throws IOException {
        var binaries = BundledBinary.forMachine(os, arch);
        assertThat(binaries).hasSize(candidates);
        for (var binary : binaries) {
            Path unpacked = binary.extractInto(directory.resolve(arch)); // checks the SHA-256
            assertThat(Files.size(unpacked)).isEqualTo(binary.bytes());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void isUnpackedOnceAndAgainOnlyWhenDamaged() throws IOException {
        var binary = BundledBinary.forMachine("Linux", "aarch64").get(0);
        Path file = binary.extractInto(directory);
        FileTime marked = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(file, marked);
        binary.extractInto(directory);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(marked);

        try (var damaged = new RandomAccessFile(file.toFile(), "rw")) {
            damaged.seek(1_000_000);
            int old = damaged.read();
            damaged.seek(1_000_000);
            damaged.write(old ^ 1);
        }
        byte[] broken = Files.readAllBytes(file);
        binary.extractInto(directory);
        assertThat(Files.readAllBytes(file)).hasSameSizeAs(broken).isNotEqualTo(broken);
        assertThat(Talk.names(directory, "*")).containsExactly(binary.resource());
    }

    @Test
    void isRefusedWhenTheJarHoldsAnother() throws IOException {
        var pinned = BundledBinary.forMachine("Windows", "amd64").get(0);
        var other = new BundledBinary(pinned.resource(), pinned.bytes(), "00");
        assertThatThrownBy(() -> other.extractInto(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("SHA-256 is " + pinned.sha256() + ", expected 00");
        assertThat(Talk.names(directory, "*")).isEmpty();
    }
}
