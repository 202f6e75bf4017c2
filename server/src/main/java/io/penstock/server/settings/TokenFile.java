package io.penstock.server.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** The access token in the file {@code token} of the data directory, readable by its owner only. */
public final class TokenFile {
    private static final int BYTES = 32; // 256 bits: guessing is out of the question

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path path;
    private final String token;
    private final boolean made;

    private TokenFile(Path path, String token, boolean made) {
        this.path = path;
        this.token = token;
        this.made = made;
    }

    /** Returns where the token of a data directory is. */
    public static Path in(Path dataDir) {
        return dataDir.resolve("token");
    }

    /** Reads the token, or makes one. */
    public static TokenFile open(Path dataDir) {
        Path path = in(dataDir);
        try {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            String fresh = "pk_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            try {
                create(path);
                Files.writeString(path, fresh + "\n");
                return new TokenFile(path, fresh, true);
            } catch (FileAlreadyExistsException known) {
                return new TokenFile(path, read(path), false);
            }
        } catch (IOException broken) {
            throw new SettingsException("the token file " + path + " can be neither read nor made: " + broken
                    + "; nothing was started; mend its rights or set PENSTOCK_TOKEN");
        }
    }

    /** Private from its first moment on: never readable and then narrowed. */
    static void create(Path path) throws IOException {
        FileAttribute<?>[] mode = POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.newByteChannel(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)
                .close();
    }

    /**
     * Reads a token file.
     *
     * @throws IOException if it cannot be read or holds none
     */
    public static String read(Path path) throws IOException {
        String token = Files.readString(path, StandardCharsets.UTF_8).strip();
        if (token.length() < 16) {
            throw new IOException("it holds no token; delete it and start the server again");
        }
        return token;
    }

    /** Makes a directory that only its owner may enter; one that is there keeps its rights. */
    public static void directory(Path dataDir) {
        try {
            if (!Files.isDirectory(dataDir)) {
                Path parent = dataDir.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                FileAttribute<?>[] mode = POSIX
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0];
                Files.createDirectory(dataDir, mode);
            }
        } catch (IOException broken) {
            throw new SettingsException("data-dir = \"" + dataDir + "\" cannot be made: " + broken
                    + "; nothing was started; give another directory or mend the rights of its parent");
        }
    }

    public Path path() {
        return path;
    }

    public String token() {
        return token;
    }

    /** Tells whether this start made it. */
    public boolean made() {
        return made;
    }
}
