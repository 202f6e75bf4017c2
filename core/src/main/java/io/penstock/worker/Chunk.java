package io.penstock.worker;

import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Jobs of one type that one call of a handler gets, and of which each ends by itself.
 *
 * <p>What the handler says of a job counts, and is reported at once. Of the others: if it returns they are completed, if
 * it throws they fail by that, as single jobs would. Valid until the handler returns. Threads: safe.
 *
 * @param <P> the payload
 */
public final class Chunk<P> {
    /**
     * The user's code for chunks of one type; see {@link io.penstock.worker.Handler}, of which all holds but for
     * cancellation: the call goes on, and {@link Item#cancelled} tells.
     *
     * @param <P> the payload
     */
    @FunctionalInterface
    public interface Handler<P> {
        /**
         * Does the work for all jobs of the chunk.
         *
         * @throws Exception whatever went wrong with those that were not decided
         */
        void handle(Chunk<P> chunk) throws Exception;
    }

    /**
     * One job of a chunk.
     *
     * @param <P> the payload
     */
    public static final class Item<P> {
        final Run run;
        final Chunk<P> chunk;
        private @Nullable P payload;
        private boolean decided; // guarded by the chunk
        volatile @Nullable Throwable failure;

        Item(Run run, Chunk<P> chunk) {
            this.run = run;
            this.chunk = chunk;
        }

        void payload(@Nullable P decoded) {
            payload = decoded;
        }

        /** Returns the job's id. */
        public JobId id() {
            return run.job.id();
        }

        /** Returns the job's payload. */
        public P payload() {
            return Objects.requireNonNull(payload);
        }

        /** Returns the number of this attempt, from 1. */
        public int attempt() {
            return run.job.attempt();
        }

        /** Returns what the producer said about this job. */
        public JobOptions options() {
            return run.job.options();
        }

        /** Returns the producer's notes. */
        public Map<String, String> metadata() {
            return run.job.options().metadata();
        }

        /** Tells whether somebody asked to cancel this job; if it is not decided then it ends as cancelled. */
        public boolean cancelled() {
            boolean asked = run.stop == Run.Stop.CANCELLED;
            if (asked) {
                run.stopSeen = true;
            }
            return asked;
        }

        @Override
        public String toString() {
            return run.toString();
        }
    }

    final Handlers.Chunked<P> how;
    final List<Item<P>> all;
    private final Run carrier;
    private final JobRunner runner;
    private final Runnable over;
    private volatile List<Item<P>> begun = List.of();

    /**
     * @param carrier stands for all of them in a slot
     * @param over is told once that they are in hand no more, as far as this call is concerned
     */
    Chunk(Run carrier, Handlers.Chunked<P> how, List<Run> runs, JobRunner runner, Runnable over) {
        this.carrier = carrier;
        this.how = how;
        this.runner = runner;
        this.over = over;
        this.all = new ArrayList<>(runs.size());
        for (Run run : runs) {
            all.add(new Item<>(run, this));
        }
    }

    /** Returns the jobs in the order in which they were taken; never empty, never changing. */
    public List<Item<P>> items() {
        return begun;
    }

    void begin(List<Item<P>> items) {
        begun = List.copyOf(items);
    }

    /** Tells whether the call should end for whatever reason: timeout, a lost lease, shutdown. */
    public boolean stopping() {
        boolean stopped = carrier.stop != null;
        if (stopped) {
            carrier.stopSeen = true;
        }
        return stopped;
    }

    /** Completes a job; false if it was decided before, or its worker has given it up meanwhile. */
    public boolean complete(Item<P> item) {
        return decide(own(item), Outcome.COMPLETED);
    }

    /**
     * Completes a job with a result.
     *
     * @throws IllegalArgumentException as {@link JobContext#result}
     */
    public boolean complete(Item<P> item, Object result) {
        byte[] json = JobContext.checkedResult(item.id(), result);
        if (!claim(own(item))) {
            return false;
        }
        item.run.keep(json);
        runner.conclude(item.run, Outcome.COMPLETED);
        return true;
    }

    /** Fails a job: the retry policy of its type decides what becomes of it; false as of {@link #complete(Item)}. */
    public boolean fail(Item<P> item, Throwable error) {
        own(item).failure = error;
        return decide(item, Outcome.afterFailure(item.run.job, how.known().retry(), error, JobError.of(error)));
    }

    private Item<P> own(Item<P> item) {
        if (item.chunk != this) {
            throw new IllegalArgumentException(
                    "job " + item.id() + " is of another chunk; nothing was decided; ask its own");
        }
        return item;
    }

    /** Ends a job as decided, unless it has an end already. */
    boolean decide(Item<P> item, Outcome outcome) {
        boolean first = claim(item);
        if (first) {
            runner.conclude(item.run, outcome);
        }
        return first;
    }

    private synchronized boolean claim(Item<P> item) {
        boolean first = !item.decided;
        item.decided = true;
        return first;
    }

    synchronized boolean open(Item<P> item) {
        return !item.decided;
    }

    /** Asks one of these jobs to stop; false if it is none of them. */
    boolean cancel(String serial) {
        for (Item<P> item : all) {
            if (item.run.job.id().serial().equals(serial)) {
                item.run.stop = Run.Stop.CANCELLED;
                return true;
            }
        }
        return false;
    }

    /** Ends what is not decided: by what the handler did, or, if it did not come back, by why it was stopped. */
    void settle(@Nullable Throwable thrown, boolean abandoned) {
        for (Item<P> item : all) {
            if (claim(item)) {
                Run run = item.run;
                run.stop = run.stop == null ? carrier.stop : run.stop;
                run.stopSeen |= carrier.stopSeen;
                run.abandoned = abandoned;
                run.end(
                        abandoned
                                ? runner.abandonedOutcome(run, how.known())
                                : runner.outcome(run, how.known(), thrown));
            }
        }
        over.run();
    }

    /** The thread of an abandoned call came back: what was held for its jobs is free. */
    void leave() {
        all.forEach(item -> item.run.permit.leave());
    }

    @Override
    public String toString() {
        return "chunk of " + all.size() + " " + carrier.job.type();
    }
}
