package io.penstock.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script: one file, sent by its hash and whole only when the server does not know it. */
public final class Script {
    private final String name;
    private final byte[] source;
    private final byte[] sha;

    private Script(String name, byte[] source) {
        this.name = name;
        this.source = source;
        this.sha = sha1(source);
    }

    /**
     * Loads a script that lies beside a class, behind files whose functions it calls.
     *
     * @throws IllegalStateException if the file is not there: the jar is broken
     */
    public static Script load(Class<?> beside, String file, String... before) {
        ByteArrayOutputStream source = new ByteArrayOutputStream();
        for (String part : before) {
            source.writeBytes(read(beside, part));
        }
        source.writeBytes(read(beside, file));
        return new Script(file, source.toByteArray());
    }

    private static byte[] read(Class<?> beside, String file) {
        try (InputStream in = beside.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("script " + file + " is not beside " + beside.getName()
                        + " on the class path; nothing can run; the jar was built or shaded without its resources");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("script " + file + " cannot be read", e);
        }
    }

    private static byte[] sha1(byte[] source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(source);
            return HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this JVM has no SHA-1, which every JVM must have", impossible);
        }
    }

    byte[] source() {
        return source;
    }

    byte[] sha() {
        return sha;
    }

    @Override
    public String toString() {
        return name;
    }
}
