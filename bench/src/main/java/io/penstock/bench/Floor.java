package io.penstock.bench;

import io.penstock.runtime.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The least that a queue can do on this Redis: bodies in a list, those in hand in a hash, batches, a bare connection.
 *
 * <p>No priorities, no delays, no retries, no ids to look up, no counters, no lease: RPUSH of a batch; a script of LRANGE,
 * LTRIM and HSET (LPOP with a count needs Redis 6.2 and costs the same); HDEL of a batch. Whatever does more costs more.
 */
final class Floor {
    /** What Penstock puts into one call. */
    static final int BATCH = 500;

    /** Calls on their way: one is run by Redis, one read, two written. */
    private static final int DEPTH = 4;

    /** Fetches on their way: while one batch is read the next is fetched. */
    private static final int FETCHES = 2;

    private static final int ID_BYTES = 8;
    private static final byte[] NONE = {};
    private static final long EMPTY_NANOS = 100_000;
    private static final byte[] LIST = bytes("bench-floor-list");
    private static final byte[] HAND = bytes("bench-floor-hand");
    private static final byte[] FETCH = bytes("""
            local all = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
            if #all > 0 then
              redis.call('LTRIM', KEYS[1], #all, -1)
              local hand = {}
              for i = 1, #all do hand[2 * i - 1], hand[2 * i] = string.sub(all[i], 1, 8), all[i] end
              redis.call('HSET', KEYS[2], unpack(hand))
            end
            return all
            """);

    private final String uri;
    private final int payload;
    private final Threads threads;

    Floor(String uri, int payload, Threads threads) {
        this.uri = uri;
        this.payload = payload;
        this.threads = threads;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Puts so many jobs into the list. */
    void produce(int jobs) throws IOException {
        byte[] body = new byte[payload];
        Arrays.fill(body, (byte) 'x');
        try (Wire wire = Wire.open(uri)) {
            int outstanding = 0;
            for (int made = 0; made < jobs; ) {
                int batch = Math.min(BATCH, jobs - made);
                wire.begin(2 + batch).arg(bytes("RPUSH")).arg(LIST);
                for (int i = 0; i < batch; i++) {
                    stamp(body, made++);
                    wire.arg(body);
                }
                wire.flush();
                if (++outstanding == DEPTH) {
                    wire.read(value -> {});
                    outstanding--;
                }
            }
            for (; outstanding > 0; outstanding--) {
                wire.read(value -> {});
            }
        }
    }

    private static void stamp(byte[] body, int number) {
        for (int i = ID_BYTES - 1, left = number; i >= 0; i--, left /= 10) {
            body[i] = (byte) ('0' + left % 10);
        }
    }

    /** Takes and acknowledges so many jobs: the acknowledgement of one batch goes with the fetch of the next. */
    void consume(int jobs) throws IOException {
        try (Wire wire = Wire.open(uri)) {
            ArrayDeque<Boolean> fetches = new ArrayDeque<>(); // replies to come, in order: of a fetch or of an HDEL
            List<byte[]> ids = new ArrayList<>(BATCH);
            for (int i = 0; i < FETCHES; i++) {
                fetch(wire, fetches);
            }
            wire.flush();
            for (int done = 0; done < jobs || !fetches.isEmpty(); ) {
                boolean fetched = fetches.remove();
                int came = wire.read(value -> ids.add(fetched ? id(value) : NONE));
                if (fetched && came > 0) {
                    done += came;
                    wire.begin(2 + came).arg(bytes("HDEL")).arg(HAND);
                    ids.forEach(wire::arg);
                    fetches.add(false);
                } else if (fetched) {
                    LockSupport.parkNanos(EMPTY_NANOS);
                }
                ids.clear();
                if (fetched && done < jobs) {
                    fetch(wire, fetches);
                }
                wire.flush();
            }
        }
    }

    private static byte[] id(ByteBuffer body) {
        byte[] id = new byte[ID_BYTES];
        body.get(0, id);
        return id;
    }

    private static void fetch(Wire wire, ArrayDeque<Boolean> replies) {
        replies.add(true);
        wire.begin(6).arg(bytes("EVAL")).arg(FETCH).arg(bytes("2")).arg(LIST).arg(HAND);
        wire.arg(bytes(Integer.toString(BATCH)));
    }

    /** Does both at once. */
    void cycle(int jobs) throws Exception {
        FutureTask<@Nullable Void> producing = new FutureTask<>(() -> {
            produce(jobs);
            return null;
        });
        threads.start("floor-producer", producing);
        consume(jobs);
        producing.get();
    }
}
