package io.penstock.queue;

import io.penstock.job.Names;
import io.penstock.redis.Call;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The right of one worker incarnation to run jobs of one queue until a deadline that it keeps moving.
 *
 * <p>The lease belongs to the incarnation, not to the job: one call renews it for everything in hand. Its token is a
 * counter of the queue plus a random nonce and is compared whole, because a counter alone repeats after a failover to a
 * replica that had not seen the last increment. A lease that was reclaimed never comes back; the worker joins anew.
 *
 * <p>Threads: safe; only the worker's take loop takes with it.
 *
 * @see LeasedJob
 */
public final class Lease {
    private final String queue;
    private final String number;
    private final String nonce;
    private final AtomicLong takes = new AtomicLong();
    private final AtomicLong finishes = new AtomicLong();
    private volatile @Nullable Call unsettled;
    private volatile long againMillis;

    Lease(String queue, String number, String nonce) {
        this.queue = Names.check("queue", queue);
        this.number = number;
        this.nonce = nonce;
    }

    /** Returns the queue that it is for. */
    public String queue() {
        return queue;
    }

    /** Returns the fencing token, to be compared whole: {@code number.nonce}. */
    public String token() {
        return number + "." + nonce;
    }

    /** Returns the part of the token that grows with each incarnation; external stores may fence by it. */
    public String number() {
        return number;
    }

    /** How many takes gave jobs; the next one carries the next number, and a take that is sent again the same. */
    long takes() {
        return takes.get();
    }

    void took() {
        takes.incrementAndGet();
    }

    long nextFinish() {
        return finishes.incrementAndGet();
    }

    /** The finish whose outcome is not known yet, to be sent again before any other. */
    @Nullable
    Call unsettled() {
        return unsettled;
    }

    void unsettled(@Nullable Call call) {
        unsettled = call;
    }

    /**
     * Tells when it is worth taking again after a take that gave nothing: 0 = when something new waits, 1 = now, more = in
     * so many millis, when a rate allows it; -1 = when a job has ended, as what waits has no room before.
     */
    public long againMillis() {
        return againMillis;
    }

    void againMillis(long millis) {
        againMillis = millis;
    }

    @Override
    public String toString() {
        return queue + "/" + token();
    }
}
