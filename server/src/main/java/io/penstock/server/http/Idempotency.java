package io.penstock.server.http;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Digest;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the answers to creating requests, so that a client may send one again after a lost answer.
 *
 * <p>The memory is this process's: after a restart a key is new again, and a client that must survive that gives its
 * job a unique key, which Redis keeps.
 *
 * <p>Bound: {@value #MOST_KEYS} keys and {@value #MOST_BYTES} bytes of answers; the oldest go first. Threads: safe.
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
    private final Map<String, Entry> entries = new LinkedHashMap<>(); // oldest first, guarded by this
    private long bytes;

    /** @param reply null while the first request runs */
    @SuppressWarnings("ArrayRecordComponent") // never leaves this class
    private record Entry(
            byte[] request, long sinceNanos, @Nullable Reply reply) {}

    public Idempotency(Clock clock) {
        this.clock = clock;
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
    synchronized @Nullable Reply begin(String name, byte[] request) {
        expire();
        Entry known = entries.get(name);
        if (known == null) {
            entries.put(name, new Entry(request, clock.nanos(), null));
            trim();
            return null;
        }
        if (!Arrays.equals(known.request, request)) {
            throw Problem.of(
                    ProblemType.IDEMPOTENCY_MISMATCH,
                    "the Idempotency-Key came with another body before; nothing was done; make a new key for a new request");
        }
        if (known.reply == null) {
            throw Problem.of(
                    ProblemType.IDEMPOTENCY_IN_FLIGHT,
                    "the first request with this Idempotency-Key has not been answered yet; nothing was done; ask again in a second");
        }
        return known.reply.header("Idempotency-Replayed", "true");
    }

    /** Remembers the answer. */
    synchronized void finish(String name, Reply reply) {
        Entry open = entries.get(name);
        if (open != null && open.reply == null) {
            entries.put(name, new Entry(open.request, open.sinceNanos, reply));
            bytes += reply.body().length;
            trim();
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
