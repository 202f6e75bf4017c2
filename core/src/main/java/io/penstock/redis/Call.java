package io.penstock.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys and arguments of one script call or command, written in the Redis protocol as they are added.
 *
 * <p>One growing array instead of an object for each argument: a batch of 500 jobs has a thousand arguments. Keys come
 * first. A call can be sent any number of times, which is what a retry does. Not thread-safe while it is built.
 */
public final class Call {
    private static final byte[] CRLF = {'\r', '\n'};

    private byte[] bytes;
    private int length;
    private int count;
    private int keys;
    private byte[] firstKey = {};

    /** An empty call that expects about this many bytes. */
    public Call(int expectedBytes) {
        bytes = new byte[Math.max(64, expectedBytes)];
    }

    /** Adds a key; all keys come before all arguments. */
    public Call key(byte[] key) {
        if (keys != count) {
            throw new IllegalStateException("key added after an argument");
        }
        if (keys == 0) {
            firstKey = key;
        }
        keys++;
        return arg(key);
    }

    /** Adds an argument. */
    public Call arg(byte[] value) {
        return arg(value, 0, value.length);
    }

    /** Adds a part of an array as an argument. */
    public Call arg(byte[] value, int offset, int size) {
        room(size + 16);
        bytes[length++] = '$';
        digits(size);
        crlf();
        System.arraycopy(value, offset, bytes, length, size);
        length += size;
        crlf();
        count++;
        return this;
    }

    /** Adds an argument of text. */
    public Call arg(String value) {
        return arg(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a number in decimal. */
    public Call arg(long value) {
        return arg(Long.toString(value).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Returns how many bytes have been written. */
    public int size() {
        return length;
    }

    int keys() {
        return keys;
    }

    int count() {
        return count;
    }

    ByteBuffer firstKey() {
        return ByteBuffer.wrap(firstKey);
    }

    byte[] bytes() {
        return bytes;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    private void digits(int value) {
        if (value >= 10) {
            digits(value / 10);
        }
        bytes[length++] = (byte) ('0' + value % 10);
    }

    private void crlf() {
        System.arraycopy(CRLF, 0, bytes, length, 2);
        length += 2;
    }
}
