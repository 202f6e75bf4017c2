package io.penstock.server.http;

import io.penstock.runtime.Clock;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.xnio.IoUtils;

/**
 * The requests in hand: how many, how many bytes of bodies, and which are late.
 *
 * <p>Bound: {@link Limits#REQUESTS} requests, and bodies of an eighth of the heap (at least {@value #LEAST_BYTES}
 * bytes) together; what passes that is refused at once instead of being queued in memory. Threads: safe.
 */
public final class Traffic {
    /** Eight of the largest bodies, so that a small heap still serves. */
    private static final long LEAST_BYTES = 8L << 20;

    private final Clock clock;
    private final long mostBytes;
    private final Duration bodyDeadline;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final Map<HttpServerExchange, Long> reading = new ConcurrentHashMap<>(); // deadline in nanos
    private volatile boolean closing;

    /** @param bodyDeadline time for a whole body */
    public Traffic(Clock clock, long maxHeapBytes, Duration bodyDeadline) {
        this.clock = clock;
        this.bodyDeadline = bodyDeadline;
        this.mostBytes = Math.max(LEAST_BYTES, maxHeapBytes / 8);
    }

    /**
     * Counts a request until its exchange is complete.
     *
     * @throws Problem BUSY
     */
    void enter(HttpServerExchange exchange) {
        int now = requests.incrementAndGet();
        exchange.addExchangeCompleteListener((done, next) -> {
            requests.decrementAndGet();
            next.proceed();
        });
        if (now > Limits.REQUESTS) {
            throw Problem.of(
                    ProblemType.BUSY,
                    Limits.REQUESTS
                            + " requests are in hand, the most there may be; nothing was done; ask again in a second");
        }
    }

    /**
     * Reserves memory for a body until its exchange is complete, and gives the client a deadline to send it.
     *
     * @throws Problem BUSY if the bodies in hand already take what they may
     */
    void expect(HttpServerExchange exchange, long size) {
        long now = bytes.addAndGet(size);
        giveDeadline(exchange);
        exchange.addExchangeCompleteListener((done, next) -> {
            bytes.addAndGet(-size);
            next.proceed();
        });
        if (now > mostBytes) {
            throw Problem.of(
                    ProblemType.BUSY,
                    "the bodies in hand take " + now + " bytes, more than " + mostBytes
                            + "; nothing was done; ask again in a second");
        }
    }

    /**
     * Gives a client that was answered before its body was read a deadline to send the rest, which is thrown away.
     *
     * <p>Hanging up at once would lose the answer: a client that still writes then sees a broken pipe and no answer at
     * all (2 of 100 on a busy machine).
     */
    void drain(HttpServerExchange exchange) {
        giveDeadline(exchange);
    }

    private void giveDeadline(HttpServerExchange exchange) {
        if (reading.putIfAbsent(exchange, clock.nanos() + bodyDeadline.toNanos()) == null) {
            exchange.addExchangeCompleteListener((done, next) -> {
                reading.remove(done);
                next.proceed();
            });
        }
    }

    /** The body is here: its deadline no longer counts. */
    void received(HttpServerExchange exchange) {
        reading.remove(exchange);
    }

    /** Closes the connections whose bodies are late; the timer calls it. */
    public void closeLate() {
        long now = clock.nanos();
        reading.forEach((exchange, deadline) -> {
            if (now - deadline > 0) {
                reading.remove(exchange);
                IoUtils.safeClose(exchange.getConnection());
            }
        });
    }

    /** New work is refused from now on; what is under way is still answered for. */
    public void close() {
        closing = true;
    }

    public boolean closing() {
        return closing;
    }

    public int requests() {
        return requests.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
