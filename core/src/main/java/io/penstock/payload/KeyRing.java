package io.penstock.payload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys that payloads are encrypted with: the first one writes, all of them read.
 *
 * <p>Rotation: put the new key behind the old one everywhere (so that everybody can read it), then in front of it, and take
 * the old one out once no job of it is left. A key is 32 random bytes (AES-256); its id travels with each payload in the
 * clear. Immutable. Bound: {@value #MOST} keys. {@link #toString} names ids only.
 */
public final class KeyRing {
    /** No keys: nothing is encrypted, and nothing that is can be read. */
    public static final KeyRing EMPTY = new KeyRing(Map.of());

    /** Keys in a ring: a rotation a month for five years. */
    public static final int MOST = 64;

    private static final int KEY_BYTES = 32;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,31}");
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final Map<String, SecretKey> keys;

    private KeyRing(Map<String, SecretKey> keys) {
        this.keys = keys;
    }

    /**
     * A ring of one key, which writes and reads.
     *
     * @throws IllegalArgumentException if the id is not 1 to 32 characters of A-Z a-z 0-9 . _ - or the key not 32 bytes
     */
    public static KeyRing of(String id, byte[] key) {
        return EMPTY.and(id, key);
    }

    /** Returns this ring with one key more, which only reads unless it is the first. */
    public KeyRing and(String id, byte[] key) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("payload key id of " + id.length()
                    + " characters is not 1 to 32 of A-Z a-z 0-9 . _ - with a letter or digit first; no key was"
                    + " added; rename it");
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("payload key \"" + id + "\" has " + key.length + " bytes, not "
                    + KEY_BYTES + "; it was not added; make one with: openssl rand -base64 32");
        }
        if (keys.containsKey(id) || keys.size() == MOST) {
            throw new IllegalArgumentException("payload key \"" + id + "\" was not added: "
                    + (keys.containsKey(id) ? "its id is taken" : "there are " + MOST + ", the most there may be")
                    + "; name it anew, or take out keys of which no job is left");
        }
        Map<String, SecretKey> more = new LinkedHashMap<>(keys);
        more.put(id, new SecretKeySpec(key, "AES"));
        return new KeyRing(more);
    }

    /**
     * Reads a ring from a file that only its owner may read: a line for each key, {@code id base64}, the writing one first;
     * empty lines and those that begin with {@code #} do not count.
     *
     * @throws IllegalArgumentException naming the line that is wrong, never its text
     * @throws IOException if it cannot be read
     */
    public static KeyRing read(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IllegalArgumentException("key file " + file + " can be read or written by others than its owner;"
                    + " no key was read; chmod 600 it, and think about whether its keys are still secret");
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        KeyRing ring = EMPTY;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                ring = ring.line(file, i + 1, line.split("\\s+", -1));
            }
        }
        if (ring.keys.isEmpty()) {
            throw new IllegalArgumentException(
                    "key file " + file + " has no key; nothing can be encrypted; add a line: id base64-of-32-bytes");
        }
        return ring;
    }

    private KeyRing line(Path file, int number, String[] words) {
        String why;
        try {
            if (words.length == 2) {
                return and(words[0], decoded(words[1]));
            }
            why = "it has " + words.length + " words, not 2";
        } catch (IllegalArgumentException wrong) {
            why = String.valueOf(wrong.getMessage());
        }
        throw new IllegalArgumentException("key file " + file + " line " + number + " is not \"id base64\": " + why
                + "; no key was read; mend the line");
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("the key is not base64"); // its own text quotes a part of the key
        }
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** The id of the key that writes; the ring must not be empty. */
    String writer() {
        return keys.keySet().iterator().next();
    }

    @Nullable
    SecretKey key(String id) {
        return keys.get(id);
    }

    /** Returns the ids, the writing one first. */
    public List<String> ids() {
        return List.copyOf(keys.keySet());
    }

    @Override
    public String toString() {
        return keys.isEmpty() ? "no keys" : "keys " + String.join(" ", keys.keySet());
    }
}
