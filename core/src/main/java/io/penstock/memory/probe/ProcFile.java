package io.penstock.memory.probe;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A small text file of the kernel, kept open and read again from its begin without allocating.
 *
 * <p>Not a channel: an interrupted thread that reads from a channel closes it for everybody.
 *
 * <p>Bound: {@value #MOST_BYTES} bytes are looked at; the JDK reads up to 8 KiB through the stack of the thread.
 */
final class ProcFile implements Closeable {
    static final int MOST_BYTES = 8_192;

    private final RandomAccessFile file;
    private final byte[] text;
    private int length;

    /** @param buffer shared by files that are never read at once */
    ProcFile(Path path, byte[] buffer) throws IOException {
        file = new RandomAccessFile(path.toFile(), "r");
        text = buffer;
    }

    void read() throws IOException {
        file.seek(0);
        length = Math.max(0, file.read(text, 0, text.length));
    }

    /** Returns the first number, or {@link Column#UNKNOWN} if the text begins with none, such as {@code max}. */
    long number() {
        return numberAt(0);
    }

    /** Returns the number behind this key, or {@link Column#UNKNOWN}; the first key of the text that matches counts. */
    long after(byte[] key) {
        return after(key, 0);
    }

    long after(byte[] key, int from) {
        int at = find(key, from);
        return at < 0 ? Column.UNKNOWN : numberAt(at + key.length);
    }

    /** Returns where the key begins, or a negative number. */
    int find(byte[] key, int from) {
        for (int at = from; at + key.length <= length; at++) {
            if (text[at] == key[0] && matches(key, at)) {
                return at;
            }
        }
        return -1;
    }

    private boolean matches(byte[] key, int at) {
        for (int i = 1; i < key.length; i++) {
            if (text[at + i] != key[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns where the last of this byte is, or a negative number. */
    int last(byte sign) {
        int at = length - 1;
        while (at >= 0 && text[at] != sign) {
            at--;
        }
        return at;
    }

    /** Returns where the field begins that is this many spaces further. */
    int skip(int from, int spaces) {
        int at = from;
        int left = spaces;
        while (at < length && left > 0) {
            if (text[at] == ' ') {
                left--;
            }
            at++;
        }
        return at;
    }

    /** Returns the number at this place, white space before it skipped; limits beyond 63 bits become unknown. */
    long numberAt(int from) {
        int at = from;
        while (at < length && (text[at] == ' ' || text[at] == '\t')) {
            at++;
        }
        long value = Column.UNKNOWN;
        while (at < length && text[at] >= '0' && text[at] <= '9') {
            int digit = text[at++] - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                return Column.UNKNOWN;
            }
            value = Math.max(0, value) * 10 + digit;
        }
        return value;
    }

    /** Returns a number with two decimals, such as {@code 12.34}, as hundredths. */
    long hundredthsAt(int from) {
        long whole = numberAt(from);
        if (whole < 0) {
            return Column.UNKNOWN;
        }
        int at = from;
        while (at < length && text[at] != '.' && text[at] > ' ') {
            at++;
        }
        long cents = 0;
        for (int i = 1; i <= 2; i++) {
            boolean digit = at + i < length && text[at + i] >= '0' && text[at + i] <= '9';
            cents = cents * 10 + (digit ? text[at + i] - '0' : 0);
        }
        return whole * 100 + cents;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
