package io.penstock.importer;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A task as asynq writes it: a protobuf message of which the fields that matter are read, by their numbers in its public
 * description; unknown ones are passed over.
 */
final class TaskMessage {
    /** Headers that are kept. */
    private static final int MOST_HEADERS = 8;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    String type = "";
    byte[] payload = {};
    String id = "";
    long retry;
    long retried;
    String errorMessage = "";
    long timeoutSeconds;
    long deadlineSeconds;
    String uniqueKey = "";
    long lastFailedSeconds;
    String groupKey = "";
    final Map<String, String> headers = new LinkedHashMap<>();

    private final byte[] bytes;
    private int at;
    private final int end;

    private TaskMessage(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /**
     * Reads a message.
     *
     * @throws IllegalArgumentException if the bytes are none
     */
    static TaskMessage read(byte[] bytes) {
        TaskMessage message = new TaskMessage(bytes, 0, bytes.length);
        while (message.at < message.end) {
            long tag = message.varint();
            message.field((int) (tag >>> 3), (int) tag & 7);
        }
        return message;
    }

    private void field(int number, int wire) {
        switch (number) {
            case 1 -> type = text(wire);
            case 2 -> payload = slice(wire);
            case 3 -> id = text(wire);
            case 5 -> retry = number(wire);
            case 6 -> retried = number(wire);
            case 7 -> errorMessage = text(wire);
            case 8 -> timeoutSeconds = number(wire);
            case 9 -> deadlineSeconds = number(wire);
            case 10 -> uniqueKey = text(wire);
            case 11 -> lastFailedSeconds = number(wire);
            case 14 -> groupKey = text(wire);
            case 15 -> header(slice(wire));
            default -> skip(wire);
        }
    }

    private void header(byte[] entry) {
        TaskMessage pair = new TaskMessage(entry, 0, entry.length);
        String key = "";
        String value = "";
        while (pair.at < pair.end) {
            long tag = pair.varint();
            switch ((int) (tag >>> 3)) {
                case 1 -> key = pair.text((int) tag & 7);
                case 2 -> value = pair.text((int) tag & 7);
                default -> pair.skip((int) tag & 7);
            }
        }
        if (headers.size() < MOST_HEADERS) {
            headers.put(key, value);
        }
    }

    private void skip(int wire) {
        switch (wire) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case BYTES -> advance(varint());
            case FIXED32 -> advance(4);
            default -> throw new IllegalArgumentException("wire type " + wire + " is unknown");
        }
    }

    private void advance(long by) {
        if (by < 0 || by > end - at) {
            throw new IllegalArgumentException("a field is longer than the message");
        }
        at += (int) by;
    }

    private long number(int wire) {
        if (wire != VARINT) {
            throw new IllegalArgumentException("a number is not written as one");
        }
        return varint();
    }

    private String text(int wire) {
        return new String(slice(wire), StandardCharsets.UTF_8);
    }

    private byte[] slice(int wire) {
        if (wire != BYTES) {
            throw new IllegalArgumentException("a text is not written as one");
        }
        long length = varint();
        int from = at;
        advance(length);
        return java.util.Arrays.copyOfRange(bytes, from, at);
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw new IllegalArgumentException("the message ends within a number");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number has more than ten bytes");
    }
}
