package io.penstock.worker;

import io.penstock.job.Backoff;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobState;
import io.penstock.job.Payload;
import io.penstock.memory.leak.JobToken;
import io.penstock.payload.PayloadException;
import io.penstock.queue.Child;
import io.penstock.queue.FlowPlace;
import io.penstock.queue.FlowStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may know about the run it is in, and say about it.
 *
 * <p>Valid until the handler returns; calls after that change nothing.
 *
 * <p>Threads: safe, except {@link #step}, which belongs to the handler's own thread.
 */
public final class JobContext {
    /** Bytes of one result: it is kept with the job's record; large ones belong in a store of their own. */
    public static final int MAX_RESULT_BYTES = 64 << 10;

    /** The longest that a job may be put off in one go, as {@link io.penstock.job.Backoff#LONGEST}. */
    public static final Duration LONGEST_WAIT = Backoff.LONGEST;

    private final Run run;

    /** Dies with this context, which is how the leak detector learns that the context went. */
    @Nullable
    JobToken watched;

    private volatile @Nullable Notes notes;
    private @Nullable Steps steps;
    private @Nullable List<Child> children;

    JobContext(Run run) {
        this.run = run;
    }

    /** Returns the job's id. */
    public JobId id() {
        return run.job.id();
    }

    /** Returns the name of the job's type, as its producer wrote it. */
    public String type() {
        return run.job.type();
    }

    /** Returns the number of this attempt, from 1. */
    public int attempt() {
        return run.job.attempt();
    }

    /** Returns how often a worker has got this job; above {@link #attempt} if some died or handed it back. */
    public int deliveries() {
        return run.job.deliveries();
    }

    /** Returns what the producer said about this job. */
    public JobOptions options() {
        return run.job.options();
    }

    /** Returns the producer's notes. */
    public Map<String, String> metadata() {
        return run.job.options().metadata();
    }

    /**
     * Returns the token of the lease that this run is under, for stores of your own that can refuse an older one:
     * {@code number.nonce}, the number grows with each lease of the queue; compare for equality by the whole.
     */
    public String fencingToken() {
        return run.job.lease().token();
    }

    /**
     * Returns the jobs of its flow that this job needs, with how they ended; empty if it is in no flow. One round trip the
     * first time. From the handler's own thread.
     */
    public List<Child> children() throws InterruptedException {
        List<Child> known = children;
        if (known == null) {
            FlowPlace place = run.job.flow();
            known = place == null || place.node() == FlowPlace.MEMBER
                    ? List.of()
                    : Run.await(flows(place.home()).children(place), "reading the children of " + run).stream()
                            .map(this::opened)
                            .toList();
            children = known;
        }
        return known;
    }

    /**
     * Returns the result of a job that this one needs; null if it gave none, or did not complete. One that the flow did not
     * remember, as it is large, is read from that job, while its record is kept.
     *
     * @throws IllegalArgumentException if this job needs no job of that name, or the result does not read as that class
     */
    public <T> @Nullable T childResult(String name, Class<T> type) throws InterruptedException {
        for (Child child : children()) {
            if (child.name().equals(name)) {
                byte[] json = child.result();
                if (json == null && child.state() == JobState.COMPLETED) {
                    json = Run.await(
                                    flows(child.id().queue()).result(child.id()), "reading the result of " + child.id())
                            .map(stored -> opened(child.id(), stored))
                            .orElse(null);
                }
                return json == null ? null : Payload.decode(json, type);
            }
        }
        throw new IllegalArgumentException("job " + id() + " needs no job called \"" + name
                + "\"; nothing was read; use the names of its children in the flow");
    }

    private Child opened(Child child) {
        byte[] stored = child.result();
        return stored == null
                ? child
                : new Child(child.name(), child.id(), child.state(), opened(child.id(), stored), child.error());
    }

    private byte[] opened(JobId id, byte[] stored) {
        try {
            return run.job.openResult(id, stored);
        } catch (PayloadException closed) {
            throw Handlers.unreadable(closed);
        }
    }

    private FlowStore flows(String queue) {
        return run.hold.intake.store().flows(queue);
    }

    /** Tells whether somebody asked to cancel this job; its handler is interrupted then, too. */
    public boolean cancelled() {
        return stoppedFor(Run.Stop.CANCELLED);
    }

    /** Tells whether the job may run elsewhere by now: what this run still does, it does in vain. */
    public boolean leaseLost() {
        return stoppedFor(Run.Stop.LEASE_LOST);
    }

    /** Tells whether the run should end for whatever reason: timeout, cancellation, a lost lease, shutdown. */
    public boolean stopping() {
        boolean stopped = run.stop != null;
        if (stopped) {
            run.stopSeen = true;
        }
        return stopped;
    }

    private boolean stoppedFor(Run.Stop reason) {
        boolean stopped = run.stop == reason;
        if (stopped) {
            run.stopSeen = true;
        }
        return stopped;
    }

    /**
     * Tells how far the work has come, as any value that can be written as JSON. Written at most once a second, the last
     * value in any case.
     *
     * @throws IllegalArgumentException if it cannot be written or has more than 4 KiB
     */
    public void progress(Object value) {
        notes().progress(Payload.encode(value));
    }

    /** Adds a line to the job's log, of which 64 KiB a run are kept; the rest is dropped with a word about it. */
    public void log(String line) {
        notes().log(line);
    }

    /**
     * Tells those who follow this job a piece of what it makes, as the words of an answer while they come: in order, at once while
     * somebody may be following, else once a second. The last 64 KiB of a run are kept for those who come late, until a minute
     * after its end; what is to last longer is the {@link #result}. Never waits; followed by {@link
     * io.penstock.queue.Feeds#follow}.
     *
     * @param piece as short as it comes; one of more than {@value Emitter#MOST_PIECE_CHARS} characters goes as several
     */
    public void emit(String piece) {
        if (!piece.isEmpty()) {
            notes().emitter().emit(piece);
        }
    }

    private Notes notes() {
        Notes now = notes;
        if (now == null) {
            synchronized (this) {
                now = notes;
                if (now == null) {
                    now = new Notes(run);
                    notes = now;
                }
            }
        }
        return now;
    }

    /** Sends what was noted and not sent; called about once a second and at the end. */
    void flush(boolean last) {
        Notes now = notes;
        if (now != null) {
            now.flush(last);
        }
    }

    /**
     * Sets the job's result, kept with its record for as long as that lives; the last one counts.
     *
     * @throws IllegalArgumentException if it cannot be written as JSON or has more than {@value #MAX_RESULT_BYTES} bytes
     */
    public void result(Object value) {
        run.keep(checkedResult(id(), value));
    }

    static byte[] checkedResult(JobId id, Object value) {
        byte[] json = Payload.encode(value);
        if (json.length > MAX_RESULT_BYTES) {
            throw new IllegalArgumentException("result of job " + id + " has " + json.length + " bytes, more than "
                    + MAX_RESULT_BYTES + "; it was not set; store it elsewhere and give its name as the result");
        }
        return json;
    }

    /**
     * Runs a part of the work once: its value is remembered, and a later run of the same job gets it without running the
     * part again. A crash between the part and its remembering runs it twice.
     *
     * <p>Time: one round trip to Redis after the part, and one before the first step of a later run. Bound: {@value
     * Steps#MOST} steps, 64 KiB a value, 256 KiB a job.
     *
     * @param name of the part, unique in this job; 1 to 64 characters, see {@link io.penstock.job.Names}
     * @param typed leave it out: its type tells the class to read a remembered value into; generic values are read by
     *     their raw class, so give a record rather than a list of records
     * @throws IllegalArgumentException if the name is not legal
     * @throws IllegalStateException if the value could not be remembered
     */
    @SafeVarargs
    public final <T> T step(String name, Callable<? extends T> part, T... typed) throws Exception {
        Steps known = steps;
        if (known == null) {
            known = new Steps(run);
            steps = known;
        }
        @SuppressWarnings("unchecked") // the caller's compiler made an array of T
        Class<T> type = (Class<T>) typed.getClass().getComponentType();
        return known.step(name, part, type);
    }

    /**
     * Ends the run here; the job runs again after this wait and no attempt is charged. No slot is held meanwhile. Written as
     * {@code throw context.snooze(...)} where the compiler wants to see the end.
     *
     * @param wait up to {@link #LONGEST_WAIT}; a negative one is none
     * @return never
     */
    public RuntimeException snooze(Duration wait) {
        throw new Outcome.Verdict(Outcome.snoozed(Waits.checked("snooze", wait)));
    }

    /**
     * Sleeps once, without holding a slot: the run ends here, and the job runs again from its beginning when the time is
     * over, uncharged; from then on this call returns at once. The end of the sleep is remembered by the clock of Redis, so
     * a crash or a retry does not begin it anew. What was thrown must be let pass.
     *
     * <p>Time: one round trip to Redis.
     *
     * @param name of this sleep, unique in this job; 1 to 64 characters, see {@link io.penstock.job.Names}
     * @param wait up to {@link #LONGEST_WAIT}; counts the first time only
     */
    public void sleep(String name, Duration wait) throws InterruptedException {
        Waits.sleep(run, name, wait);
    }

    /**
     * Waits for a word from outside, without holding a slot: if {@link io.penstock.queue.Queue#signal} has sent it the value
     * is returned, in this and every later run. Else the run ends here, and the job runs again from its beginning when the
     * signal comes or the time is over, uncharged. A job that was once told that the time is over is told so from then on,
     * and the sender that it came too late; only a retry by hand begins anew.
     *
     * <p>Time: one round trip to Redis. No signal is lost, whenever it comes: it is kept with the job.
     *
     * @param name of the signal; 1 to 64 characters, see {@link io.penstock.job.Names}
     * @param timeout up to {@link #LONGEST_WAIT}, from the first call; zero only looks
     * @return empty if the time is over
     * @throws IllegalArgumentException if the name is not legal, or the value does not read as this class
     */
    public <T> Optional<T> awaitSignal(String name, Duration timeout, Class<T> type) throws InterruptedException {
        return Waits.signal(run, name, timeout, type);
    }

    @Override
    public String toString() {
        return id() + " (" + type() + ", attempt " + attempt() + ")";
    }
}
