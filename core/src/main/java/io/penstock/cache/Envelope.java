package io.penstock.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A value as it lies in Redis and in the near tier: what must be known of it, then its JSON.
 *
 * <p>{@code format(1) absent(1) id(8) lifeMillis(8) staleMillis(8) versions(1) *( length(1) tag length(1) version ) JSON}.
 * Times are spans, not instants: its age follows from what Redis says is left of its life, so no two clocks are compared.
 *
 * @param versions of its tags when it was loaded; that of the whole cache under the empty name
 * @param offset where the JSON begins
 */
record Envelope(
        boolean absent, long lifeMillis, long staleMillis, Map<String, String> versions, byte[] bytes, int offset) {
    private static final byte FORMAT = 1;
    private static final int FIXED = 27;

    /** Where the id lies, which {@code lease.lua} compares. */
    private static final int ID = 2;

    private static final int ID_BYTES = 8;

    /** Writes one; null JSON = there is no value. */
    static Envelope of(byte @Nullable [] json, long lifeMillis, long staleMillis, Map<String, String> versions) {
        int size = FIXED;
        for (Map.Entry<String, String> version : versions.entrySet()) {
            size += 2 + utf8(version.getKey()).length + utf8(version.getValue()).length;
        }
        ByteBuffer out = ByteBuffer.allocate(size + (json == null ? 0 : json.length));
        out.put(FORMAT).put((byte) (json == null ? 1 : 0));
        out.putLong(ThreadLocalRandom.current().nextLong());
        out.putLong(lifeMillis).putLong(staleMillis).put((byte) versions.size());
        versions.forEach((tag, version) -> {
            text(out, tag);
            text(out, version);
        });
        if (json != null) {
            out.put(json);
        }
        // a copy of few entries is a tenth of a hash map, and there is one for each value in the near tier
        return new Envelope(json == null, lifeMillis, staleMillis, Map.copyOf(versions), out.array(), size);
    }

    /** Reads one; null if it is none, or of a format that this release does not know. */
    static @Nullable Envelope read(byte[] bytes) {
        if (bytes.length < FIXED || bytes[0] != FORMAT) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean absent = in.get(1) == 1;
        in.position(ID + ID_BYTES);
        long life = in.getLong();
        long stale = in.getLong();
        int count = in.get() & 0xFF;
        Map<String, String> versions = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String tag = text(in);
            String version = tag == null ? null : text(in);
            if (tag == null || version == null) {
                return null;
            }
            versions.put(tag, version);
        }
        return new Envelope(absent, life, stale, Map.copyOf(versions), bytes, in.position());
    }

    /** Returns the random name of what lies in Redis, as GETRANGE cuts it out. */
    static byte[] id(byte[] bytes) {
        return Arrays.copyOfRange(bytes, Math.min(ID, bytes.length), Math.min(ID + ID_BYTES, bytes.length));
    }

    List<String> tags() {
        return versions.keySet().stream().filter(tag -> !tag.isEmpty()).toList();
    }

    private static void text(ByteBuffer out, String text) {
        byte[] utf8 = utf8(text);
        out.put((byte) utf8.length).put(utf8);
    }

    private static @Nullable String text(ByteBuffer in) {
        int length = in.hasRemaining() ? in.get() & 0xFF : 0;
        if (in.remaining() < length) {
            return null;
        }
        byte[] utf8 = new byte[length];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
