package io.penstock.server.lease;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import io.penstock.server.engine.Engine;
import io.penstock.server.http.Call;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Polls that wait for a job, in the order they came.
 *
 * <p>A wake-up of a queue tries its oldest poll; if that one got something the next is tried, so one job does not make a
 * hundred polls ask Redis. As wake-ups may be lost, each poll also looks by itself every second, or when a rate lets
 * something through.
 *
 * <p>Bound: {@link Limits#POLLS}. Threads: safe; completes on the threads that complete the taking.
 */
public final class Polls {
    private static final long LOOK_NANOS = 1_000_000_000;

    private final Leases leases;
    private final Engine engine;
    private final Clock clock;
    private final List<Poll> waiting = new ArrayList<>(); // oldest first, guarded by this
    private final Map<String, Subscription> wakes = new HashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    public Polls(Leases leases, Engine engine) {
        this.leases = leases;
        this.engine = engine;
        this.clock = engine.clock();
    }

    private static final class Poll {
        final LeaseWish wish;
        final Call call;
        final long deadlineNanos;
        final CompletableFuture<@Nullable HeldLease> answer = new CompletableFuture<>();
        long nextLookNanos;
        volatile long againMillis; // when the last look said that the next may find something
        boolean looking = true; // guarded by Polls
        boolean wokenMeanwhile; // guarded by Polls

        Poll(LeaseWish wish, Call call, long nowNanos) {
            this.wish = wish;
            this.call = call;
            this.deadlineNanos = nowNanos + wish.patience().toNanos();
            this.nextLookNanos = nowNanos + LOOK_NANOS;
        }

        /** A queue says when a limit lets something through, in millis; 0 and less: whoever makes room tells. */
        void again(long millis) {
            if (millis > 0) {
                againMillis = Math.min(againMillis, millis);
            }
        }
    }

    /**
     * Takes jobs, waiting for some as long as the wish says; null = none came.
     *
     * @throws Problem BUSY if too many wait
     */
    CompletionStage<@Nullable HeldLease> poll(LeaseWish wish, Call call) {
        Poll poll = new Poll(wish, call, clock.nanos());
        synchronized (this) {
            if (closed || waiting.size() >= Limits.POLLS) {
                throw Problem.of(
                        closed ? ProblemType.SHUTTING_DOWN : ProblemType.BUSY,
                        waiting.size() + " polls wait, at most " + Limits.POLLS + " may"
                                + (closed ? " and the server is shutting down" : "")
                                + "; nothing was leased; ask again in a second");
            }
            waiting.add(poll);
            for (String queue : wish.queues()) {
                wakes.computeIfAbsent(
                        queue,
                        name -> engine.events().onWake(name, number -> leases.waits(name, number), () -> woken(name)));
            }
        }
        look(poll, null);
        return poll.answer;
    }

    /** Tries a poll that is marked as looking; {@code after} runs when it got something. */
    private void look(Poll poll, @Nullable Runnable after) {
        if (!poll.call.connected()) {
            end(poll, null);
            return;
        }
        CompletionStage<@Nullable HeldLease> taking;
        try {
            poll.againMillis = Long.MAX_VALUE;
            taking = leases.take(poll.wish, poll::again);
        } catch (Problem busy) {
            fail(poll, busy);
            return;
        }
        taking.whenComplete((lease, failure) -> {
            if (failure != null) {
                fail(poll, failure);
            } else if (lease != null) {
                end(poll, lease);
                if (after != null) {
                    after.run();
                }
            } else {
                rest(poll);
            }
        });
    }

    private void rest(Poll poll) {
        boolean over;
        boolean again;
        synchronized (this) {
            over = closed || clock.nanos() - poll.deadlineNanos >= 0;
            // the job may have come after this look and before its answer
            again = poll.wokenMeanwhile && !over;
            poll.wokenMeanwhile = false;
            poll.looking = again;
            poll.nextLookNanos = clock.nanos() + Math.min(LOOK_NANOS, TimeUnit.MILLISECONDS.toNanos(poll.againMillis));
        }
        if (over) {
            end(poll, null);
        } else if (again) {
            look(poll, null);
        }
    }

    private void woken(String queue) {
        Poll next = null;
        synchronized (this) {
            for (Poll poll : waiting) {
                if (!poll.wish.queues().contains(queue)) {
                    continue;
                }
                if (!poll.looking) {
                    poll.looking = true;
                    next = poll;
                    break;
                }
                poll.wokenMeanwhile = true;
            }
        }
        if (next != null) {
            look(next, () -> woken(queue));
        }
    }

    /** Ends polls whose time is up and lets the others look; the timer calls it. */
    public void sweep() {
        long now = clock.nanos();
        Queue<Poll> late = new ArrayDeque<>();
        Queue<Poll> due = new ArrayDeque<>();
        synchronized (this) {
            for (Poll poll : waiting) {
                if (poll.looking) {
                    continue;
                }
                if (now - poll.deadlineNanos >= 0) {
                    late.add(poll);
                } else if (now - poll.nextLookNanos >= 0) {
                    poll.looking = true;
                    due.add(poll);
                }
            }
        }
        late.forEach(poll -> end(poll, null));
        due.forEach(poll -> look(poll, null));
    }

    private void end(Poll poll, @Nullable HeldLease lease) {
        remove(poll);
        poll.answer.complete(lease);
    }

    private void fail(Poll poll, Throwable failure) {
        remove(poll);
        poll.answer.completeExceptionally(failure);
    }

    private void remove(Poll poll) {
        List<Subscription> idle = new ArrayList<>();
        synchronized (this) {
            waiting.remove(poll);
            for (String queue : poll.wish.queues()) {
                if (waiting.stream().noneMatch(other -> other.wish.queues().contains(queue))) {
                    Subscription wake = wakes.remove(queue);
                    if (wake != null) {
                        idle.add(wake);
                    }
                }
            }
        }
        idle.forEach(Subscription::close);
    }

    public synchronized int size() {
        return waiting.size();
    }

    /** Answers all that wait with nothing. */
    public void close() {
        List<Poll> all;
        synchronized (this) {
            closed = true;
            all = waiting.stream().filter(poll -> !poll.looking).toList();
        }
        all.forEach(poll -> end(poll, null));
    }
}
