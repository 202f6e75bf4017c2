package io.penstock.server.http;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the answers to creating requests, so that a client may send one again after a lost answer.
 *
 * <p>What runs is known to this process, what was answered also to Redis: it outlives a restart and is known to other
 * servers. Two servers that get the same key in the same moment both act; a unique key of the job is what stops that.
 *
 * <p>Bound in memory: {@value #MOST_KEYS} keys and {@value #MOST_BYTES} bytes of answers; the oldest go first. Threads: safe.
 */
public final class Idempotency {
    /** Keys remembered. */
    static final int MOST_KEYS = 20_000;

    /** Bytes of answers remembered. */
    static final int MOST_BYTES = 8 << 20;

    /** How long a key is remembered unless the bound comes first. */
    static final Duration MEMORY = Duration.ofHours(24);

    private static final int LONGEST_KEY = 255;

    private final Clock clock;
    private final @Nullable KeptAnswers kept;
    private final Map<String, Entry> entries = new LinkedHashMap<>(); // oldest first, guarded by this
    private long bytes;

    /** @param reply null while the first request runs */
    @SuppressWarnings("ArrayRecordComponent") // never leaves this class
    private record Entry(
            byte[] request, long sinceNanos, @Nullable Reply reply) {}

    /** @param kept null = answers live as long as this process */
    public Idempotency(Clock clock, @Nullable KeptAnswers kept) {
        this.clock = clock;
        this.kept = kept;
    }

    /**
     * Names a request.
     *
     * @throws Problem INVALID_VALUE if the key is empty, longer than 255 or not plain ASCII
     */
    static String name(String target, String key) {
        boolean plain = key.chars().allMatch(c -> c > ' ' && c < 127);
        if (key.isEmpty() || key.length() > LONGEST_KEY || !plain) {
            throw Problem.of(
                    ProblemType.INVALID_VALUE,
                    "Idempotency-Key has " + key.length()
                            + " characters, or one that is not printable ASCII; nothing was done; send 1 to "
                            + LONGEST_KEY + ", best a random UUID");
        }
        return Digest.hex(target + " " + key, 16);
    }

    /**
     * Opens a request: null = it is new and must be closed with {@link #finish} or {@link #forget}.
     *
     * @param request digest of the body
     * @throws Problem IDEMPOTENCY_MISMATCH if the key came with another body, IDEMPOTENCY_IN_FLIGHT if the first one runs
     */
    @Nullable
    Reply begin(String name, byte[] request) {
        Reply known = open(name, request);
        if (known != null || kept == null) {
            return known;
        }
        boolean over = false;
        try {
            KeptAnswers.Kept before = kept.find(name);
            if (before != null && !before.request().equals(HexFormat.of().formatHex(request))) {
                throw mismatch();
            }
            if (before != null) {
                finish(name, before.reply(), false);
                known = before.reply().header("Idempotency-Replayed", "true");
            }
            over = true;
            return known;
        } finally {
            if (!over) {
                forget(name);
            }
        }
    }

    private static Problem mismatch() {
        return Problem.of(
                ProblemType.IDEMPOTENCY_MISMATCH,
                "the Idempotency-Key came with another body before; nothing was done; make a new key for a new request");
    }

    private synchronized @Nullable Reply open(String name, byte[] request) {
        expire();
        Entry known = entries.get(name);
        if (known == null) {
            entries.put(name, new Entry(request, clock.nanos(), null));
            trim();
            return null;
        }
        if (!Arrays.equals(known.request, request)) {
            throw mismatch();
        }
        if (known.reply == null) {
            throw Problem.of(
                    ProblemType.IDEMPOTENCY_IN_FLIGHT,
                    "the first request with this Idempotency-Key has not been answered yet; nothing was done; ask again in a second");
        }
        return known.reply.header("Idempotency-Replayed", "true");
    }

    /** Remembers the answer. */
    void finish(String name, Reply reply) {
        finish(name, reply, true);
    }

    private synchronized void finish(String name, Reply reply, boolean fresh) {
        Entry open = entries.get(name);
        if (open != null && open.reply == null) {
            entries.put(name, new Entry(open.request, open.sinceNanos, reply));
            bytes += reply.body().length;
            trim();
            if (fresh && kept != null) {
                kept.keep(name, open.request, reply);
            }
        }
    }

    /** Forgets a request that changed nothing. */
    synchronized void forget(String name) {
        Entry open = entries.get(name);
        if (open != null && open.reply == null) {
            entries.remove(name);
        }
    }

    synchronized int size() {
        return entries.size();
    }

    private void expire() {
        long now = clock.nanos();
        for (Iterator<Entry> oldest = entries.values().iterator(); oldest.hasNext(); ) {
            Entry entry = oldest.next();
            if (now - entry.sinceNanos < MEMORY.toNanos()) {
                return;
            }
            drop(oldest, entry);
        }
    }

    private void trim() {
        for (Iterator<Entry> oldest = entries.values().iterator();
                oldest.hasNext() && (entries.size() > MOST_KEYS || bytes > MOST_BYTES); ) {
            drop(oldest, oldest.next());
        }
    }

    private void drop(Iterator<Entry> at, Entry entry) {
        at.remove();
        bytes -= entry.reply == null ? 0 : entry.reply.body().length;
    }
}
