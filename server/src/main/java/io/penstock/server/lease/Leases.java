package io.penstock.server.lease;

import io.penstock.job.JobId;
import io.penstock.queue.Ending;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueReplies.Extended;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Caller;
import io.penstock.server.engine.Engine;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lends jobs to workers in other languages and takes their answers.
 *
 * <p>What is held here is lost with the process; the queue then hands the jobs to others when their leases end, as after
 * the death of any worker.
 *
 * <p>Bound: {@value #MOST_LEASES} leases, and records of an eighth of the heap; a poll that would pass that waits or is
 * told to come again. Threads: safe; nothing here waits.
 */
public final class Leases {
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    /** Leases held at once, each with its jobs. */
    static final int MOST_LEASES = 10_000;

    /** Bytes of records in one answer; the first job always fits. */
    private static final long MOST_REPLY_BYTES = 1 << 20;

    /** How long after its deadline a lease is still asked for: Redis, not this clock, decides that it is over. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Lending lending;
    private final Clock clock;
    private final long mostBytes;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, HeldLease> held = new ConcurrentHashMap<>();

    public Leases(Engine engine, Lending lending, long maxHeapBytes) {
        this.lending = lending;
        this.clock = engine.clock();
        this.mostBytes = Math.max(8 * MOST_REPLY_BYTES, maxHeapBytes / 8);
    }

    /** Takes what is there now from the first queue that has something; null = nothing, {@code again} as of Lending. */
    CompletionStage<@Nullable HeldLease> take(LeaseWish wish, LongConsumer again) {
        if (held.size() >= MOST_LEASES || bytes() > mostBytes) {
            throw Problem.of(
                    ProblemType.BUSY,
                    held.size() + " leases with " + bytes() + " bytes are held, the most there may be (" + MOST_LEASES
                            + ", " + mostBytes + "); nothing was leased; ack what is done and ask again");
        }
        return take(wish, again, 0);
    }

    private CompletionStage<@Nullable HeldLease> take(LeaseWish wish, LongConsumer again, int index) {
        if (index == wish.queues().size()) {
            return CompletableFuture.completedStage(null);
        }
        return lending.take(wish.queues().get(index), wish, MOST_REPLY_BYTES, again)
                .thenCompose(taken -> taken == null ? take(wish, again, index + 1) : hold(wish, taken));
    }

    /** Tells whether the lease of this number waits here for jobs of the queue. */
    boolean waits(String queue, String number) {
        return lending.holds(queue, number);
    }

    private CompletionStage<@Nullable HeldLease> hold(LeaseWish wish, Lending.Taken taken) {
        List<LeasedJob> granted = granted(taken.jobs());
        HeldLease lease = new HeldLease(token(), taken.lease(), wish, granted, clock);
        held.put(lease.token, lease);
        List<Ending> others = taken.jobs().stream()
                .filter(job -> !granted.contains(job))
                .map(Ending::released)
                .toList();
        CompletionStage<?> released = others.isEmpty()
                ? CompletableFuture.completedStage(null)
                : lease.inTurn(() -> lending.finish(taken.lease(), others));
        return released.thenCompose(done -> lending.markStarted(granted)).thenApply(marked -> lease);
    }

    /** A job that may be poison is handed out by itself, so that no other is blamed for the crash of its worker. */
    private static List<LeasedJob> granted(List<LeasedJob> taken) {
        return taken.stream()
                .filter(LeasedJob::lastLife)
                .findFirst()
                .map(List::of)
                .orElse(taken);
    }

    private String token() {
        byte[] bits = new byte[16];
        random.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /**
     * Finds a lease.
     *
     * @throws Problem LEASE_LOST if it is over, was never given, or is of a queue that is not one of the caller's
     */
    public HeldLease find(String token, Caller caller) {
        HeldLease lease = held.get(token);
        if (lease == null || !caller.sees(lease.lease.queue())) {
            throw Problem.leaseLost();
        }
        return lease;
    }

    /** Moves the deadline; what is told says which jobs are asked to stop. */
    public CompletionStage<Extended> extend(HeldLease lease, Duration length) {
        return lending.extend(lease.lease, length, lease.worker).thenApply(renewal -> {
            if (!renewal.held()) {
                held.remove(lease.token);
                throw Problem.leaseLost();
            }
            lease.extended(length, clock.nanos());
            return renewal;
        });
    }

    /** Reports how jobs ended; returns those that the lease did not hold any more. */
    CompletionStage<List<JobId>> finish(HeldLease lease, List<Ending> endings) {
        List<JobId> ids = endings.stream().map(ending -> ending.job().id()).toList();
        return lease.inTurn(() -> lending.finish(lease.lease, endings)).thenApply(refused -> {
            settle(lease, ids);
            if (refused.size() == ids.size()) {
                throw Problem.leaseLost();
            }
            return refused;
        });
    }

    private void settle(HeldLease lease, Collection<JobId> ids) {
        if (lease.done(ids) && held.remove(lease.token) != null) {
            lending.giveBack(lease.lease, lease.deadlineNanos());
        }
    }

    /** Hands back jobs whose answer never reached the worker. */
    void takeBack(HeldLease lease) {
        List<Ending> back = lease.jobs().stream().map(Ending::released).toList();
        if (held.containsKey(lease.token) && !back.isEmpty()) {
            finish(lease, back).exceptionally(lost -> List.of());
        }
    }

    /** Forgets leases that are over; the timer calls it. */
    public void forgetOver() {
        long now = clock.nanos();
        for (HeldLease lease : List.copyOf(held.values())) {
            if (lease.over(now, GRACE) && held.remove(lease.token) != null) {
                LOG.warn(
                        "lease of worker={} queue={} jobs={} ran out unanswered; the jobs go to others",
                        lease.worker,
                        lease.lease.queue(),
                        lease.jobs().size());
            }
        }
    }

    public Collection<HeldLease> held() {
        return held.values();
    }

    private long bytes() {
        return held.values().stream().mapToLong(HeldLease::bytes).sum();
    }
}
