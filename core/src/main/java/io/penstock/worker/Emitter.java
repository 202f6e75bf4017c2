package io.penstock.worker;

import io.penstock.queue.FeedStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The pieces that one run emits, on their way to those who follow the job.
 *
 * <p>While somebody watches the queue each piece goes at once, and those that come while a call is under way share the next one;
 * else they are gathered, and go once a second. Bound: {@value #MOST_UNSENT_BYTES} bytes that Redis has not taken yet; beyond
 * them the oldest are dropped, which followers see by the numbers. Threads: safe; never waits.
 */
final class Emitter {
    /** What one piece holds, at three bytes each below 4 KiB; a longer text goes as several. */
    static final int MOST_PIECE_CHARS = 1_300;

    /** As much as is kept of a job in Redis. */
    static final int MOST_UNSENT_BYTES = 64 << 10;

    /** How a value begins that is sealed. */
    private static final byte SEALED = 1;

    /** What a piece takes on top: the head of its array here, its length in Redis. */
    private static final int PIECE_BYTES = 16;

    private final Run run;
    private final FeedStore store;
    private final String name;
    private final Deque<byte[]> unsent = new ArrayDeque<>(); // guarded by this, as the rest
    private int unsentBytes;
    private long first = 1;
    private long redisRun;
    private boolean sending;
    private boolean watched = true; // the first piece goes at once, and its answer tells
    private boolean over;

    Emitter(Run run) {
        this.run = run;
        this.store = run.hold.intake.store().feed();
        this.name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    void emit(String text) {
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + MOST_PIECE_CHARS);
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            byte[] piece = text.substring(from, to).getBytes(StandardCharsets.UTF_8);
            if (piece[0] == SEALED) {
                piece[0] = '?'; // or it would be taken for one that cannot be opened
            }
            add(store.seal(run.job, piece));
            from = to;
        }
    }

    private synchronized void add(byte[] piece) {
        if (over) {
            return;
        }
        unsent.add(piece);
        unsentBytes += piece.length + PIECE_BYTES;
        while (unsentBytes > MOST_UNSENT_BYTES) {
            unsentBytes -= unsent.remove().length + PIECE_BYTES;
            first++;
        }
        if (!sending && (watched || unsentBytes >= FeedStore.SEGMENT_BYTES)) {
            send(false);
        }
    }

    /** @param last whether the run has ended: what is left goes in front of the report of that, and nothing is taken after it */
    synchronized void flush(boolean last) {
        if (last && !over) {
            do {
                send(true);
            } while (!unsent.isEmpty());
            over = true;
        } else if (!over && !sending && !unsent.isEmpty()) {
            send(false);
        }
    }

    private void send(boolean last) {
        List<byte[]> pieces = new ArrayList<>();
        int bytes = 0;
        for (byte[] next = unsent.peek();
                next != null && bytes + next.length + PIECE_BYTES <= FeedStore.SEGMENT_BYTES;
                next = unsent.peek()) {
            pieces.add(unsent.remove());
            bytes += next.length + PIECE_BYTES;
        }
        unsentBytes -= bytes;
        FeedStore.Parcel parcel = new FeedStore.Parcel(name, redisRun, first, pieces, last);
        first += pieces.size();
        sending = true;
        store.emit(run.job, parcel).whenComplete((receipt, error) -> sent(receipt));
    }

    /** @param receipt null = Redis did not take them, or did not say: they are lost, and the run goes on */
    private synchronized void sent(FeedStore.@Nullable Receipt receipt) {
        sending = false;
        if (receipt != null) {
            redisRun = receipt.run();
            watched = receipt.watched();
            if (redisRun == 0) { // somebody else has the job
                over = true;
                unsent.clear();
                unsentBytes = 0;
            }
        }
        if (!over && !unsent.isEmpty() && (watched || unsentBytes >= FeedStore.SEGMENT_BYTES)) {
            send(false);
        }
    }
}
