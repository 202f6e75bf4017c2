package io.penstock.server.lease;

import io.penstock.job.JobId;
import io.penstock.job.Payload;
import io.penstock.queue.Ending;
import io.penstock.queue.Lease;
import io.penstock.queue.LeaseLostException;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueReplies.Extended;
import io.penstock.queue.QueueStore;
import io.penstock.runtime.Clock;
import io.penstock.server.engine.Engine;
import io.penstock.server.wire.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs from queues on behalf of workers elsewhere, each answer under a lease of its own.
 *
 * <p>A lease that took nothing, or whose jobs are all done, is kept for the next poll for as long as it lasts: an idle long
 * poll then costs one take a second and nothing else.
 *
 * <p>Bound: {@value #MOST_IDLE} idle leases a queue. Threads: safe; nothing here waits.
 */
public final class Lending {
    private static final int MOST_IDLE = 16;

    /** A lease with less left than this is not used again: a take must not meet its end. */
    private static final long LEAST_LEFT_NANOS = Duration.ofSeconds(3).toNanos();

    private final Engine engine;
    private final Clock clock;
    private final Map<String, Deque<Idle>> idle = new ConcurrentHashMap<>();

    private record Idle(Lease lease, long deadlineNanos) {}

    /** Jobs and the lease they are under. */
    record Taken(Lease lease, List<LeasedJob> jobs) {}

    public Lending(Engine engine) {
        this.engine = engine;
        this.clock = engine.clock();
    }

    /** Takes jobs; null = nothing is waiting, and {@code again} hears when it is worth asking again: {@link Lease#againMillis}. */
    CompletionStage<@Nullable Taken> take(String queue, LeaseWish wish, long maxBytes, LongConsumer again) {
        Idle known = borrow(queue);
        return known == null
                ? joined(queue, wish, maxBytes, again)
                : take(known, wish, maxBytes, again)
                        .exceptionallyCompose(failure -> Problem.cause(failure) instanceof LeaseLostException
                                ? joined(queue, wish, maxBytes, again)
                                : CompletableFuture.failedStage(failure));
    }

    private CompletionStage<@Nullable Taken> joined(String queue, LeaseWish wish, long maxBytes, LongConsumer again) {
        return engine.store(queue).join(wish.length()).thenCompose(lease -> {
            Idle fresh = new Idle(lease, clock.nanos() + wish.length().toNanos());
            return take(fresh, wish, maxBytes, again);
        });
    }

    private CompletionStage<@Nullable Taken> take(Idle with, LeaseWish wish, long maxBytes, LongConsumer again) {
        QueueStore store = engine.store(with.lease().queue());
        return store.take(with.lease(), wish.max(), maxBytes).thenCompose(jobs -> {
            if (jobs.isEmpty()) {
                again.accept(with.lease().againMillis());
                giveBack(with);
                return CompletableFuture.completedStage(null);
            }
            // the whole length is the worker's, whatever was left of it
            return store.extend(with.lease(), wish.length(), report(wish.worker()))
                    .thenApply(renewal -> {
                        if (renewal.quiet()) {
                            store.forgive(with.lease()); // it was said to whoever had this lease before
                        }
                        return renewal.held() ? new Taken(with.lease(), jobs) : null;
                    });
        });
    }

    private static byte[] report(String worker) {
        return Payload.encode(Map.of("worker", worker, "remote", true));
    }

    /** Marks jobs that were in hand at a crash before, so that one more is charged to them. */
    CompletionStage<Void> markStarted(List<LeasedJob> jobs) {
        List<CompletableFuture<Boolean>> marks = new ArrayList<>();
        for (LeasedJob job : jobs) {
            if (job.crashes() > 0) {
                marks.add(engine.store(job.id().queue()).markStarted(job).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(marks.toArray(CompletableFuture[]::new));
    }

    CompletionStage<Extended> extend(Lease lease, Duration length, String worker) {
        return engine.store(lease.queue()).extend(lease, length, report(worker));
    }

    /** Reports endings; answers the jobs that the lease did not hold any more. */
    CompletionStage<List<JobId>> finish(Lease lease, List<Ending> endings) {
        return engine.store(lease.queue())
                .finish(lease, endings)
                .whenComplete((reply, failure) -> engine.store(lease.queue()).passOn(endings))
                .thenApply(reply -> reply.refused().stream()
                        .map(serial -> new JobId(lease.queue(), serial))
                        .toList());
    }

    /** Takes back a lease that holds no job. */
    void giveBack(Lease lease, long deadlineNanos) {
        giveBack(new Idle(lease, deadlineNanos));
    }

    private void giveBack(Idle lease) {
        Deque<Idle> all = idle.computeIfAbsent(lease.lease().queue(), any -> new ArrayDeque<>());
        boolean kept = false;
        synchronized (all) {
            if (all.size() < MOST_IDLE && lasts(lease)) {
                all.addLast(lease);
                kept = true;
            }
        }
        if (!kept) {
            leave(lease.lease());
        }
    }

    private @Nullable Idle borrow(String queue) {
        Deque<Idle> all = idle.get(queue);
        if (all == null) {
            return null;
        }
        synchronized (all) {
            Idle youngest = all.peekLast();
            return youngest != null && lasts(youngest) ? all.pollLast() : null;
        }
    }

    /** Tells whether an idle lease of the queue has this number. */
    boolean holds(String queue, String number) {
        Deque<Idle> all = idle.get(queue);
        if (all == null) {
            return false;
        }
        synchronized (all) {
            return all.stream().anyMatch(each -> each.lease().number().equals(number));
        }
    }

    private boolean lasts(Idle lease) {
        return lease.deadlineNanos() - clock.nanos() > LEAST_LEFT_NANOS;
    }

    private CompletionStage<Boolean> leave(Lease lease) {
        return engine.store(lease.queue()).leave(lease, 0);
    }

    /** Leaves the idle leases of a queue and waits for it. */
    public void leaveAll(String queue) {
        Deque<Idle> all = idle.getOrDefault(queue, new ArrayDeque<>());
        List<Idle> left;
        synchronized (all) {
            left = List.copyOf(all);
            all.clear();
        }
        left.forEach(lease -> engine.await(leave(lease.lease())));
    }

    /** Leaves idle leases that will not be used again; the timer calls it. */
    public void sweep() {
        idle.forEach((queue, all) -> {
            synchronized (all) {
                while (!all.isEmpty() && !lasts(all.peekFirst())) {
                    leave(all.pollFirst().lease());
                }
            }
        });
    }

    /** Leaves all idle leases. */
    public void close() {
        idle.keySet().forEach(this::leaveAll);
    }
}
