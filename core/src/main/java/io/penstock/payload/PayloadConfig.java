package io.penstock.payload;

import org.jspecify.annotations.Nullable;

/**
 * What is done to payloads before they are stored.
 *
 * @param keys those that encrypt; {@link KeyRing#EMPTY} = nothing is encrypted
 * @param compressAbove bytes above which a payload is compressed if that saves an eighth; {@link Integer#MAX_VALUE} = never
 * @param store for large payloads; null = they stay in Redis
 * @param offloadAbove bytes, compressed and encrypted, above which a payload goes to the store
 * @param maxPlainBytes what a payload may have before all this and after it was undone, 1 KiB to 64 MiB
 */
public record PayloadConfig(
        KeyRing keys, int compressAbove, @Nullable PayloadStore store, int offloadAbove, int maxPlainBytes) {
    /** 4 MiB: sixteen times what a plain payload may have by default, and small in a heap of 64 MiB. */
    public static final int MAX_PLAIN_BYTES = 4 << 20;

    /** Payloads are stored as they are; what others compressed can be read. */
    public static final PayloadConfig PLAIN =
            new PayloadConfig(KeyRing.EMPTY, Integer.MAX_VALUE, null, Integer.MAX_VALUE, MAX_PLAIN_BYTES);

    public PayloadConfig {
        check("compressAbove", compressAbove, 0, Integer.MAX_VALUE);
        check("offloadAbove", offloadAbove, 0, Integer.MAX_VALUE);
        check("maxPlainBytes", maxPlainBytes, 1 << 10, 64 << 20);
    }

    private static void check(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("payload setting " + key + " = " + value + " is outside " + least
                    + " to " + most + "; nothing was set up");
        }
    }

    /** Returns this with encryption. */
    public PayloadConfig encrypt(KeyRing ring) {
        return new PayloadConfig(ring, compressAbove, store, offloadAbove, maxPlainBytes);
    }

    /** Returns this with compression of what has more than so many bytes; 1 KiB is a good one. */
    public PayloadConfig compress(int above) {
        return new PayloadConfig(keys, above, store, offloadAbove, maxPlainBytes);
    }

    /** Returns this with a store for what still has more than so many bytes. */
    public PayloadConfig offload(PayloadStore elsewhere, int above) {
        return new PayloadConfig(keys, compressAbove, elsewhere, above, maxPlainBytes);
    }

    /** Returns this with another limit on what a payload may have as its producer gave it. */
    public PayloadConfig maxPlainBytes(int most) {
        return new PayloadConfig(keys, compressAbove, store, offloadAbove, most);
    }
}
