package io.penstock.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * A server executable inside the jar of com.github.codemonstur:embedded-redis, pinned to the bytes we tested.
 *
 * <p>Only its resources are used, not its Java classes: they start servers in the shared temporary folder, without a
 * password, and do not notice when their parent dies.
 */
record BundledBinary(String resource, long bytes, String sha256) {
    // Files of embedded-redis 1.4.4. The names lie about the versions: linux-amd64 says 6.2.11 of itself.
    private static final BundledBinary LINUX_AMD64 = new BundledBinary(
            "redis-server-6.2.6-v5-linux-amd64",
            9_701_528,
            "1f716094e08a25faee2bc7626feb9e13464ed89018ac5c376c5e9cff06bdcf52");
    private static final BundledBinary LINUX_386 = new BundledBinary(
            "redis-server-6.2.7-linux-386",
            4_238_724,
            "7439d339751e396cef7205a3169c96f1c53661f65d473b8d086e2d1826f48145");
    private static final BundledBinary LINUX_ARM64 = new BundledBinary(
            "redis-server-6.2.7-linux-arm64",
            3_547_712,
            "036a23aa65bfb31d2a048aa96c170b38c2fbd4f1de68ef0f9c3133dd4b1474cd");
    private static final BundledBinary DARWIN_AMD64 = new BundledBinary(
            "redis-server-6.2.6-v5-darwin-amd64",
            5_635_808,
            "7a4eb450d90a6ce9a2c651cfc4a0613b980a270c6426cbb6fa42d6c3beec9ce8");
    private static final BundledBinary DARWIN_ARM64 = new BundledBinary(
            "redis-server-6.2.6-v5-darwin-arm64",
            1_829_888,
            "c523aec5a9b6f565cff0271ef67f5c51fa83e1180e3e954ab5251b3cf6282b76");
    private static final BundledBinary WINDOWS_AMD64 = new BundledBinary(
            "redis-server-5.0.14.1-windows-amd64.exe",
            1_856_000,
            "79cd623a9999d75e944e8d2509547ddeee67a2c6c7b88d11d1137eb57fec10a0");

    /**
     * The files to try, best first; none for a machine nobody built one for. The 386 file is a second chance on amd64:
     * it is static, so it also runs on musl or without OpenSSL 3, where the first cannot (it holds at most 3 GiB).
     */
    static List<BundledBinary> forMachine(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        boolean amd64 = osArch.equals("amd64") || osArch.equals("x86_64");
        boolean arm64 = osArch.equals("aarch64") || osArch.equals("arm64");
        if (os.startsWith("linux")) {
            if (amd64) return List.of(LINUX_AMD64, LINUX_386);
            if (arm64) return List.of(LINUX_ARM64);
            return osArch.matches("x86|i[3-6]86") ? List.of(LINUX_386) : List.of();
        }
        if (os.startsWith("mac")) {
            if (amd64) return List.of(DARWIN_AMD64);
            return arm64 ? List.of(DARWIN_ARM64) : List.of();
        }
        return os.startsWith("windows") && amd64 ? List.of(WINDOWS_AMD64) : List.of();
    }

    /** The executable in {@code directory}; written only when the one there is absent or differs. About 100 ms then. */
    Path extractInto(Path directory) throws IOException {
        Path target = directory.resolve(resource);
        if (isIntact(target)) return target;
        PrivateFiles.createDirectories(directory);
        Path fresh = PrivateFiles.createFile(directory.resolve(resource + "." + PrivateFiles.randomHex(4)));
        try {
            unpackInto(fresh);
            PrivateFiles.makeExecutable(fresh);
            move(fresh, target);
        } finally {
            Files.deleteIfExists(fresh);
        }
        return target;
    }

    private boolean isIntact(Path target) throws IOException {
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) || Files.size(target) != bytes) return false;
        if (!Files.isExecutable(target)) return false;
        try (InputStream file = Files.newInputStream(target)) {
            return copy(file, OutputStream.nullOutputStream()).equals(sha256);
        }
    }

    private void unpackInto(Path fresh) throws IOException {
        try (InputStream packed = BundledBinary.class.getResourceAsStream("/" + resource)) {
            if (packed == null) throw new IOException("not on the class path (com.github.codemonstur:embedded-redis)");
            String found;
            try (OutputStream out = Files.newOutputStream(fresh)) {
                found = copy(packed, out);
            }
            if (!found.equals(sha256)) {
                throw new IOException("SHA-256 is " + found + ", expected " + sha256 + ": another build of the jar");
            }
        }
    }

    /** Returns the SHA-256 of what was copied. */
    private static String copy(InputStream source, OutputStream sink) throws IOException {
        try {
            var digesting = new DigestInputStream(source, MessageDigest.getInstance("SHA-256"));
            digesting.transferTo(sink);
            return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java platform has SHA-256", impossible);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException plainFileSystem) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
