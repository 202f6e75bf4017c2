package io.penstock.server.wire;

import java.util.Arrays;

/**
 * The raw bytes of one JSON value inside a body.
 *
 * @param to exclusive
 * @param pointer JSON pointer of the value, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // a window on the body, which nobody changes
public record Slice(byte[] bytes, int from, int to, String pointer) {
    public static Slice of(byte[] body) {
        return new Slice(body, 0, body.length, "");
    }

    public int length() {
        return to - from;
    }

    public byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    boolean isNull() {
        return length() == 4 && bytes[from] == 'n';
    }
}
