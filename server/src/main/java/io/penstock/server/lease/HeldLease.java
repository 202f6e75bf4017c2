package io.penstock.server.lease;

import io.penstock.job.JobId;
import io.penstock.queue.Lease;
import io.penstock.queue.LeasedJob;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in the hands of one worker in another language, under one lease that nobody else shares.
 *
 * <p>One lease an answer, not one a worker: a worker that died and came back under its old name can not keep alive what
 * its former life held. Threads: safe.
 */
public final class HeldLease {
    final String token;
    final Lease lease;
    final String worker;
    final long grantedMillis;
    private final Map<JobId, LeasedJob> jobs = new LinkedHashMap<>(); // guarded by this
    private long deadlineNanos; // guarded by this
    private Duration length; // guarded by this
    private CompletionStage<?> last = CompletableFuture.completedStage(null); // guarded by this

    HeldLease(String token, Lease lease, LeaseWish wish, List<LeasedJob> granted, Clock clock) {
        this.token = token;
        this.lease = lease;
        this.worker = wish.worker();
        this.length = wish.length();
        this.grantedMillis = clock.millis();
        this.deadlineNanos = clock.nanos() + length.toNanos();
        granted.forEach(job -> jobs.put(job.id(), job));
    }

    /** Runs a call after those before it have ended: a lease has one finish outstanding. */
    synchronized <T> CompletionStage<T> inTurn(Supplier<CompletionStage<T>> call) {
        CompletionStage<T> turn = last.handle((done, failed) -> null).thenCompose(free -> call.get());
        last = turn;
        return turn;
    }

    synchronized long deadlineNanos() {
        return deadlineNanos;
    }

    synchronized @Nullable LeasedJob job(JobId id) {
        return jobs.get(id);
    }

    synchronized List<LeasedJob> jobs() {
        return List.copyOf(jobs.values());
    }

    /** Takes jobs off the lease; true = none is left. */
    synchronized boolean done(Collection<JobId> ids) {
        jobs.keySet().removeAll(ids);
        return jobs.isEmpty();
    }

    synchronized void extended(Duration by, long nowNanos) {
        length = by;
        deadlineNanos = nowNanos + by.toNanos();
    }

    public synchronized Duration length() {
        return length;
    }

    /** Tells whether the deadline passed this long ago or longer. */
    synchronized boolean over(long nowNanos, Duration grace) {
        return nowNanos - deadlineNanos > grace.toNanos();
    }

    synchronized long bytes() {
        return jobs.values().stream().mapToLong(LeasedJob::size).sum();
    }
}
