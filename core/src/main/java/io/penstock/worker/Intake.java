package io.penstock.worker;

import io.penstock.memory.admission.Permit;
import io.penstock.queue.Ending;
import io.penstock.queue.Lease;
import io.penstock.queue.LeaseLostException;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.QueueReplies.Finished;
import io.penstock.queue.QueueStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One queue as this worker draws from it: joins, reports what ended, takes what fits, one pair of calls at a time.
 *
 * <p>What ends while a pair is under way is gathered and goes with the next pair, so the batches grow with the load and
 * an idle queue has none. After an empty take it asks again only when woken, or about once a second.
 *
 * <p>Bound: ends not yet confirmed are jobs taken, and taking stops while {@value #MOST_UNSENT} of them wait. Threads:
 * {@link #end}, {@link #wake} and {@link #hold} from anywhere; all else under the lock of the take loop.
 */
final class Intake {
    /** Ends that may wait for Redis before taking stops. */
    static final int MOST_UNSENT = 2 * Prefetch.BATCH;

    /** Never: until somebody signals. */
    static final long FOREVER = Long.MAX_VALUE;

    private static final long POLL_NANOS = 1_000_000_000L;
    private static final long NO_BYTES_NANOS = 10_000_000L;

    private final QueueStore store;
    private final TakeLoop loop;
    private final RetryWait retry;
    private final AtomicReference<@Nullable Run> ended = new AtomicReference<>(); // a stack, linked by Run.next
    private final AtomicLong taken = new AtomicLong();
    private volatile @Nullable Hold hold;
    private volatile boolean woken;
    private volatile boolean asking; // a take is under way whose answer has not come
    private volatile boolean unheard; // a pair is under way: the loop need not be told of each end

    private final ArrayDeque<Run> unsent = new ArrayDeque<>();
    private List<Run> sent = List.of(); // not empty while nothing is under way: the outcome is not known
    private List<Ending> reported = List.of(); // in this pass
    private int batch = Prefetch.BATCH;
    private long collected;
    private long closed;
    private int asked;
    private long granted;
    private long pollAtNanos;
    private long bytesAtNanos;
    private boolean dry;
    private boolean roomless; // what waits has no room before a job of this queue ends, perhaps one of ours
    private boolean gone;
    private @Nullable CompletableFuture<Hold> joining;
    private @Nullable CompletableFuture<Finished> finishing;
    private @Nullable CompletableFuture<Batch> taking;
    private @Nullable CompletableFuture<Boolean> leaving;

    Intake(QueueStore store, TakeLoop loop, RetryWait retry) {
        this.store = store;
        this.loop = loop;
        this.retry = retry;
        this.pollAtNanos = loop.clock().nanos();
        this.bytesAtNanos = pollAtNanos;
    }

    QueueStore store() {
        return store;
    }

    @Nullable
    Hold hold() {
        return hold;
    }

    /** Jobs taken whose end the loop has not seen, and jobs asked for. */
    long inHand() {
        return taken.get() - collected + asked;
    }

    /** Makes the place under the load line of a job that was taken here. */
    Permit permit(LeasedJob job) {
        return loop.permit(job);
    }

    /** Takes the end of a run from whoever ended it. */
    void end(Run run) {
        Run first;
        do {
            first = ended.get();
            run.next = first;
        } while (!ended.compareAndSet(first, run));
        if (!unheard) {
            loop.signal();
        }
    }

    /** Something may be waiting. */
    void wake() {
        if (!woken) {
            woken = true;
            if (!unheard && !loop.passNow(this)) {
                loop.signal();
            }
        }
    }

    /** Whether it takes under the lease of this number. */
    boolean leases(String number) {
        Hold current = hold;
        return current != null && current.lease.number().equals(number);
    }

    /** Something is waiting for sure, unless a take that is under way gets it. */
    void wakeUnlessAsking() {
        if (!asking) {
            wake();
        }
    }

    /** Whether a pass now would do no more than take: then any thread may do it. */
    boolean idle() {
        return hold != null && !busy() && sent.isEmpty() && unsent.isEmpty() && ended.get() == null;
    }

    /** Does whatever can be done now; returns after how many nanoseconds it wants to be called again at the latest. */
    long pass(long now) {
        settle(now);
        unheard = busy();
        collect(now);
        Hold current = hold;
        if (current != null && current.lost()) {
            refuse(unsent);
            unsent.clear();
            if (!busy()) {
                refuse(sent);
                sent = List.of();
                hold = null;
                current = null;
            }
        }
        if (busy()) {
            return FOREVER;
        }
        long wait = retry.waitNanos(now);
        if (wait > 0) {
            unheard = true;
            return wait;
        }
        if (loop.draining()) {
            return drain(current);
        }
        return current == null ? join(now) : exchange(current, now);
    }

    private boolean busy() {
        return joining != null || finishing != null || taking != null || leaving != null;
    }

    /** Whether it would take now if it were its turn. */
    boolean hungry(long now) {
        Hold current = hold;
        return current != null && !busy() && current.mayTake() && wants(now);
    }

    private boolean wants(long now) {
        return woken || !dry || now - pollAtNanos >= 0;
    }

    private long exchange(Hold current, long now) {
        boolean took = false;
        finish(current);
        if (current.mayTake()
                && unsent.size() < MOST_UNSENT
                && now - bytesAtNanos >= 0
                && (wants(now) || roomless && finishing != null)) {
            took = take(current, now);
        }
        if (!took && !reported.isEmpty()) {
            store.passOn(reported); // the permits are for others
        }
        reported = List.of();
        if (took || finishing != null) {
            return FOREVER;
        }
        return Math.min(until(pollAtNanos, now), until(bytesAtNanos, now));
    }

    /** What is past waits for something else: room, or leave to take; both signal. */
    private static long until(long nanos, long now) {
        return nanos - now > 0 ? nanos - now : FOREVER;
    }

    /** Reports what has ended, or asks again after a report whose outcome is not known; then nothing new goes along. */
    private void finish(Hold current) {
        if (!sent.isEmpty()) {
            finishing = call(() -> store.finish(current.lease, List.of()));
        }
        while (finishing == null && !unsent.isEmpty()) {
            finishing = finishNew(current);
        }
        unheard |= finishing != null;
    }

    /** Sends the next batch; null if one of its endings cannot be written down, which was dealt with. */
    private @Nullable CompletableFuture<Finished> finishNew(Hold current) {
        int count = Math.min(batch, unsent.size());
        List<Run> runs = new ArrayList<>(count);
        List<Ending> endings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Run run = unsent.remove();
            runs.add(run);
            endings.add(run.ending());
        }
        try {
            CompletableFuture<Finished> reply = watched(store.finish(current.lease, endings));
            sent = runs;
            reported = endings;
            batch = Math.min(Prefetch.BATCH, batch * 2);
            return reply;
        } catch (RuntimeException unwritable) {
            // one of them, nothing was sent: halve until it is alone, then say that instead of what it said
            for (int i = count - 1; i >= 0; i--) {
                unsent.addFirst(runs.get(i));
            }
            batch = Math.max(1, count / 2);
            if (count == 1 && !runs.get(0).simplify(unwritable)) {
                refuse(List.of(unsent.remove()));
            }
            return null;
        }
    }

    private boolean take(Hold current, long now) {
        int room = loop.room(this, now);
        if (room <= 0) {
            return false;
        }
        granted = loop.bytes().ask();
        if (granted == 0) {
            bytesAtNanos = now + NO_BYTES_NANOS;
            return false;
        }
        asked = Math.min(room, Prefetch.BATCH);
        pollAtNanos = now + POLL_NANOS * 3 / 4 + ThreadLocalRandom.current().nextLong(POLL_NANOS / 2);
        woken = false;
        unheard = true;
        int most = asked;
        long mostBytes = granted;
        asking = true;
        taking = call(() -> store.take(current.lease, most, mostBytes)
                .whenComplete((jobs, error) -> asking = false)
                .thenApply(jobs -> arrived(current, jobs)));
        return true;
    }

    /** On an I/O thread: hands the jobs to the runners at once, the loop hears of it later. */
    private Batch arrived(Hold current, List<LeasedJob> jobs) {
        try {
            Batch came = new Batch(current, jobs, loop.clock().nanos());
            if (came.size() > 0) {
                taken.addAndGet(came.size());
                loop.runners().offer(came);
            }
            return came;
        } catch (Throwable noMemory) {
            current.lose(); // nobody knows these jobs: let the lease run out, so that they are taken again
            throw noMemory;
        }
    }

    private <T> CompletableFuture<T> call(Supplier<CompletionStage<T>> request) {
        try {
            return watched(request.get());
        } catch (RuntimeException refused) {
            loop.signal();
            return CompletableFuture.failedFuture(refused);
        }
    }

    private <T> CompletableFuture<T> watched(CompletionStage<T> stage) {
        CompletableFuture<T> reply = stage.toCompletableFuture();
        // not the stage that this makes: it is done only after the signal, and the loop would look too early
        CompletableFuture<T> unused = reply.whenComplete((value, error) -> loop.signal());
        return reply;
    }

    private long join(long now) {
        joining = call(() -> store.join(loop.leaseLength()).thenApply(lease -> newHold(lease, now)));
        return FOREVER;
    }

    private Hold newHold(Lease lease, long askedNanos) {
        return new Hold(this, lease, askedNanos);
    }

    /** While stopping: reports what ends, and leaves when nothing is in hand. */
    private long drain(@Nullable Hold current) {
        if (current == null) {
            gone = taken.get() == closed;
        } else {
            finish(current);
            store.passOn(reported);
            reported = List.of();
            if (finishing == null && taken.get() == closed) {
                unheard = true;
                current.leave();
                leaving = call(() -> store.leave(current.lease, 0));
            }
        }
        return FOREVER;
    }

    /** Whether it has left its queue; final. */
    boolean gone() {
        return gone;
    }

    /** Looks at the answers that are there. */
    private void settle(long now) {
        if (joining != null && joining.isDone()) {
            CompletableFuture<Hold> reply = joining;
            joining = null;
            Throwable error = RetryWait.failure(reply);
            if (error == null) {
                retry.worked();
                hold = reply.join();
                woken = true;
                loop.joined();
            } else {
                retry.failed(error, now);
            }
        }
        if (finishing != null && finishing.isDone()) {
            settleFinish(finishing, now);
            finishing = null;
        }
        if (taking != null && taking.isDone()) {
            settleTake(taking, now);
            taking = null;
        }
        if (leaving != null && leaving.isDone()) {
            leaving = null; // if it failed, the lease runs out by itself
            hold = null;
            gone = true;
        }
    }

    private void settleFinish(CompletableFuture<Finished> reply, long now) {
        Throwable error = RetryWait.failure(reply);
        if (error == null) {
            retry.worked();
            applied(reply.join());
        } else if (error instanceof LeaseLostException) {
            lost();
            refuse(sent);
        } else {
            retry.failed(error, now);
            return; // what was sent stays: the store sends it again, unchanged, with the next call
        }
        sent = List.of();
    }

    private void applied(Finished reply) {
        if (reply.refused().isEmpty()) {
            close(sent);
        } else {
            Set<String> serials = new HashSet<>(reply.refused());
            List<Run> refused = new ArrayList<>();
            List<Run> done = new ArrayList<>();
            for (Run run : sent) {
                (serials.contains(run.job.id().serial()) ? refused : done).add(run);
            }
            close(done);
            refuse(refused);
        }
        loop.completedKept(store.queue(), reply.completedKept());
    }

    private void settleTake(CompletableFuture<Batch> reply, long now) {
        Throwable error = RetryWait.failure(reply);
        long came = 0;
        if (error == null) {
            retry.worked();
            Batch batchCame = reply.join();
            came = batchCame.bytes();
            dry = batchCame.size() == 0;
            again(now, dry ? batchCame.hold.lease.againMillis() : 0);
        } else if (error instanceof LeaseLostException) {
            lost();
        } else {
            retry.failed(error, now);
            dry = false; // whatever woke us has not been answered
        }
        loop.bytes().took(granted, came);
        asked = 0;
        asking = false;
    }

    /** A limit says when it is worth asking again. */
    private void again(long now, long millis) {
        roomless = millis < 0;
        if (millis > 0) {
            pollAtNanos = now + Math.min(pollAtNanos - now, TimeUnit.MILLISECONDS.toNanos(millis - 1));
        }
    }

    private void lost() {
        Hold current = hold;
        if (current != null) {
            loop.lost(current);
        }
    }

    /** Takes over what has ended, in the order in which it ended. */
    private void collect(long now) {
        Run last = ended.getAndSet(null);
        Run first = null;
        while (last != null) { // the stack has the latest on top
            Run before = last.next;
            last.next = first;
            first = last;
            last = before;
        }
        List<Run> lost = new ArrayList<>(0);
        int ran = 0;
        long results = 0;
        for (Run run = first; run != null; run = unlink(run)) {
            collected++;
            ran += run.outcome().kind() == Ending.Kind.RELEASED ? 0 : 1;
            run.seal();
            results += run.resultBytes();
            (run.hold.lost() ? lost : unsent).add(run); // a lost lease never comes back: nobody to report to
        }
        if (results > 0) {
            loop.bytes().add(results);
        }
        loop.finished(ran, now);
        refuse(lost);
    }

    private static @Nullable Run unlink(Run run) {
        Run next = run.next;
        run.next = null;
        return next;
    }

    private void close(Iterable<Run> runs) {
        long records = 0;
        long results = 0;
        Duration shortest = null;
        for (Run run : runs) {
            closed++;
            loop.runners().closed(run);
            records += run.job.size();
            results += run.resultBytes();
            Outcome outcome = run.outcome();
            loop.tally().count(outcome.kind());
            if (run.startedAtMillis > 0) {
                loop.ran(store.queue(), run);
            }
            if (outcome.delays() && (shortest == null || outcome.pause().compareTo(shortest) < 0)) {
                shortest = outcome.pause();
            }
        }
        loop.bytes().gone(records, results);
        if (shortest != null) {
            loop.delayed(store.queue(), shortest);
        }
    }

    private void refuse(Collection<Run> runs) {
        if (runs.isEmpty()) {
            return;
        }
        long records = 0;
        long results = 0;
        for (Run run : runs) {
            closed++;
            loop.runners().closed(run);
            records += run.job.size();
            results += run.resultBytes();
            if (run.outcome().kind() != Ending.Kind.RELEASED) {
                loop.refused(run);
            }
        }
        loop.bytes().gone(records, results);
    }
}
