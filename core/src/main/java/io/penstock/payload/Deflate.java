package io.penstock.payload;

import io.penstock.payload.PayloadException.Reason;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Deflate of the JDK without a header; what comes out has a stated size, so that nothing grows beyond what was announced. */
final class Deflate {
    /** No stream of deflate grows to more than this many times its size. Source: zlib, "Maximum Compression Factor". */
    private static final int MOST_GROWTH = 1_032;

    private Deflate() {}

    /** Null if less than an eighth is saved: then it is not worth the reading. */
    static byte @Nullable [] pack(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(plain);
            deflater.finish();
            byte[] out = new byte[plain.length - plain.length / 8];
            int size = deflater.deflate(out);
            return deflater.finished() ? Arrays.copyOf(out, size) : null;
        } finally {
            deflater.end();
        }
    }

    /** @param size what the payload had before: so many bytes come out, or it is refused */
    static byte[] unpack(byte[] packed, int size, int most) {
        if (size > most || size > (long) MOST_GROWTH * packed.length) {
            throw bomb(packed.length, size, most);
        }
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(packed);
            byte[] plain = new byte[size];
            int at = 0;
            while (at < size) {
                int came = inflater.inflate(plain, at, size - at);
                if (came == 0) {
                    throw new DataFormatException("it ends too early");
                }
                at += came;
            }
            if (inflater.inflate(new byte[1]) > 0) {
                throw bomb(packed.length, size, size);
            }
            if (!inflater.finished()) {
                throw new DataFormatException("it has no end");
            }
            return plain;
        } catch (DataFormatException broken) {
            throw new PayloadException(
                    Reason.TAMPERED,
                    "the payload of " + packed.length + " bytes is not what was compressed: " + broken.getMessage()
                            + "; it was not read; enqueue the job anew",
                    broken);
        } finally {
            inflater.end();
        }
    }

    private static PayloadException bomb(int packed, int size, int most) {
        return new PayloadException(
                Reason.TOO_LARGE,
                "the payload of " + packed + " bytes would grow to " + size + " or more, bound " + most
                        + "; it was not unpacked; raise maxPlainBytes if that is meant");
    }
}
