package io.penstock.queue;

import io.penstock.redis.Redis;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pieces of one run that follow one another, as they lie in Redis and as they are told: {@code RUN FIRST;} and of each piece
 * {@code BYTES:TEXT}, where the text may be sealed.
 */
record Segment(long run, long first, List<byte[]> pieces) {
    /** Reads one; a part that is cut off is left out. */
    static Segment of(byte[] bytes) {
        int space = StoredJob.indexOf(bytes, ' ', 0);
        int head = StoredJob.indexOf(bytes, ';', space);
        long run = number(bytes, 0, space);
        long first = number(bytes, space + 1, head);
        List<byte[]> pieces = new ArrayList<>();
        for (int at = head + 1; at < bytes.length; ) {
            int colon = StoredJob.indexOf(bytes, ':', at);
            int size = (int) number(bytes, at, colon);
            pieces.add(Arrays.copyOfRange(bytes, colon + 1, colon + 1 + size));
            at = colon + 1 + size;
        }
        return new Segment(run, first, pieces);
    }

    private static long number(byte[] bytes, int from, int to) {
        return Long.parseLong(new String(bytes, from, to - from, StandardCharsets.US_ASCII));
    }

    /** Writes a piece behind others. */
    static void add(ByteArrayOutputStream to, byte[] piece) {
        to.writeBytes(Redis.utf8(piece.length + ":"));
        to.writeBytes(piece);
    }
}
