package io.penstock.notice;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The notices that wait for one channel, one an alert: the latest word is what people need.
 *
 * <p>A later notice takes the place of an earlier one of its alert, so an alert that ends before it was told of is told
 * once, as ended. Bound: {@value #MOST} notices and {@value #MOST_BYTES} bytes; above that the oldest of the mildest go.
 * Not thread-safe: its line guards it.
 */
final class Outbox {
    /** Ten full messages; whoever has more alerts than that reads the list of alerts, not their messages. */
    static final int MOST = 200;

    static final int MOST_BYTES = 256 << 10;

    private final Map<String, Notice> waiting = new LinkedHashMap<>(); // in the order of the first word of each
    private int bytes;
    private long collapsed;

    /** Adds one and returns how many had to go for it, itself included. */
    int add(Notice notice) {
        Notice before = waiting.put(notice.alert(), notice);
        bytes += notice.bytes();
        if (before != null) {
            bytes -= before.bytes();
            collapsed++;
        }
        int dropped = 0;
        while (waiting.size() > MOST || bytes > MOST_BYTES) {
            dropMildest();
            dropped++;
        }
        return dropped;
    }

    private void dropMildest() {
        Notice mildest = null;
        for (Notice notice : waiting.values()) {
            if (mildest == null || notice.severity().compareTo(mildest.severity()) < 0) {
                mildest = notice;
            }
        }
        if (mildest != null) {
            waiting.remove(mildest.alert());
            bytes -= mildest.bytes();
        }
    }

    /** Takes the oldest out, at most this many. */
    List<Notice> take(int most) {
        List<Notice> taken = new ArrayList<>();
        Iterator<Notice> oldest = waiting.values().iterator();
        while (oldest.hasNext() && taken.size() < most) {
            Notice notice = oldest.next();
            oldest.remove();
            bytes -= notice.bytes();
            taken.add(notice);
        }
        return taken;
    }

    int size() {
        return waiting.size();
    }

    int bytes() {
        return bytes;
    }

    long collapsed() {
        return collapsed;
    }
}
