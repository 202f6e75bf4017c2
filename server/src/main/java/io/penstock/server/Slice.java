package io.penstock.server;

import java.util.Arrays;

/**
 * The raw bytes of one JSON value inside a body.
 *
 * @param to exclusive
 * @param pointer JSON pointer of the value, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // a window on the body, which nobody changes
record Slice(byte[] bytes, int from, int to, String pointer) {
    static Slice of(byte[] body) {
        return new Slice(body, 0, body.length, "");
    }

    int length() {
        return to - from;
    }

    byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    boolean isNull() {
        return length() == 4 && bytes[from] == 'n';
    }
}
