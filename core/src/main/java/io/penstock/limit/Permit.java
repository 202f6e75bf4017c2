package io.penstock.limit;

import io.penstock.redis.Call;
import io.penstock.redis.Script;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What was taken of a concurrency limit, until it is given back or its lease ends. Of a rate nothing is held, but {@link #refund}
 * gives back what was not used.
 *
 * <p>Threads: safe. Nobody extends it by itself: choose a lease longer than the work, or {@link #extend} on the way.
 */
public final class Permit implements AutoCloseable {
    /** Nothing is held and nothing was counted: what was allowed without Redis. */
    static final Permit NONE = new Permit(null, 0);

    private final @Nullable Holding holding;
    private final @Nullable Limits limits;
    private final @Nullable Charge charge;
    private final long fence;
    private final AtomicBoolean over = new AtomicBoolean();

    /** Where it lies; {@code takenNanos} by the clock of this process, read before it was asked for. */
    record Holding(Limits limits, Limit limit, String key, String token, long permits, long takenNanos) {
        Call call(int expectedBytes) {
            return new Call(expectedBytes)
                    .key(Limits.permitsKey(limit, key))
                    .key(Limits.stateKey(limit, key))
                    .arg(permits)
                    .arg(limit.per().toMillis())
                    .arg(token);
        }

        CompletionStage<Boolean> eval(Script script, Call call) {
            return limits.redis().eval(script, call).thenApply(reply -> (Long) reply.get(0) > 0);
        }
    }

    Permit(@Nullable Holding holding, long fence) {
        this.holding = holding;
        this.fence = fence;
        this.limits = null;
        this.charge = null;
    }

    /** What was taken of a rate: nothing is held. */
    Permit(Limits limits, Charge charge) {
        this.holding = null;
        this.fence = 0;
        this.limits = limits;
        this.charge = charge;
    }

    /** Returns what was taken of a rate, to be carried along; null if it was a permit to hold, or Redis was away. */
    public @Nullable Charge charge() {
        return charge;
    }

    /** Gives back what of a rate was taken and is not used; see {@link Limits#refund}. Nothing, if {@link #charge} is null. */
    public CompletionStage<Long> refund(long unused) {
        return limits == null || charge == null ? CompletableFuture.completedFuture(0L) : limits.refund(charge, unused);
    }

    /**
     * Returns a number that is larger than that of every earlier permit of this key, 0 if nothing is held. Send it along
     * to what the permit guards, and let that refuse a smaller one than it has seen: a holder that was paused past its
     * lease does no harm then.
     */
    public long fence() {
        return fence;
    }

    /**
     * Begins the lease anew. One round trip.
     *
     * @return false if it had run out: somebody else may hold it, so stop what it guards; true for an empty permit
     * @throws io.penstock.redis.RedisException if Redis did not say
     */
    public boolean extend() {
        if (holding == null) {
            return true;
        }
        return !over.get() && holding.limits.redis().await(holding.eval(Scripts.EXTEND, holding.call(192)));
    }

    /** Gives it back; answers false if it had run out or was given back before, true for an empty permit. */
    public CompletionStage<Boolean> release() {
        if (holding == null) {
            return CompletableFuture.completedFuture(true);
        }
        if (!over.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(false);
        }
        long heldMillis = (holding.limits.clock().nanos() - holding.takenNanos) / 1_000_000;
        return holding.eval(Scripts.RELEASE, holding.call(192).arg(Math.max(0, heldMillis)));
    }

    /** Gives it back without waiting for Redis; if that fails, its lease ends it. */
    @Override
    public void close() {
        var unused = release();
    }
}
