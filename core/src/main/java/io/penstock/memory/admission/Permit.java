package io.penstock.memory.admission;

import org.jspecify.annotations.Nullable;

/**
 * One job's place under the {@link LoadLine}: asked for with {@link #enter}, held while it runs, given up by {@link
 * #leave}.
 *
 * <p>All that it needs is made with it, so that entering, waiting and leaving need no memory when there is none. Threads:
 * safe; {@link #begin} and {@link #end} belong to the thread that runs the job.
 */
public final class Permit {
    /** Of jobs that nobody governs. */
    public static final Permit FREE = new Permit(null, null, new Request("", 0, 0, null), () -> {});

    /** Where it stands. */
    enum State {
        NEW,
        WAITING,
        HELD,
        LEFT
    }

    /**
     * What is known of a job before it runs.
     *
     * @param recordBytes of its record, payload included
     * @param declaredBytes what its producer or its type says that a run needs; 0 = nothing was said
     * @param group its tenant, or null
     */
    public record Request(
            String type,
            long recordBytes,
            long declaredBytes,
            @Nullable String group) {}

    final @Nullable LoadLine line;
    final @Nullable Footprint footprint;
    final Request request;
    final Runnable granted;
    volatile State state = State.NEW;

    // guarded by the load line
    long cost;
    long likelyCost;
    double variance;
    long foreseen;
    long likely;
    long recordCost;
    long owed;
    long allocated;
    long told;
    long directBytes;
    long moved;
    private volatile long runner;
    int place = -1;
    boolean byGroup;

    @Nullable
    Permit before;

    @Nullable
    Permit after;

    private long measureFrom = Allocations.UNKNOWN;
    volatile long thread;
    volatile long allocatedBefore;

    Permit(@Nullable LoadLine line, @Nullable Footprint footprint, Request request, Runnable granted) {
        this.line = line;
        this.footprint = footprint;
        this.request = request;
        this.granted = granted;
    }

    /** What it may still come to hold: of a known type the part of its cost that it had not allocated when last asked. */
    long stillOwed() {
        if (request.declaredBytes() > 0 || footprint == null || !footprint.foreseeable() || foreseen == 0) {
            return cost;
        }
        return (long) (cost * Math.max(0, 1 - (double) told / foreseen));
    }

    /**
     * Reserves what the job is going to need; false = it stands in line, and the {@code granted} it was made with is
     * called once there is room, on any thread.
     */
    public boolean enter() {
        return line == null || line.enter(this);
    }

    /** Tells whether it may run. */
    public boolean held() {
        return line == null || state == State.HELD;
    }

    /** Tells whether it waits for its own group only, so that jobs of others may go before it. */
    public boolean waitsForGroup() {
        return byGroup;
    }

    /** Tells the thread that runs it, and only that thread, that it does. */
    boolean runsOn(long threadId) {
        return runner == threadId;
    }

    /** Tells whether a thread runs it now. */
    boolean begun() {
        return runner != 0;
    }

    /** The job begins on this thread. */
    public void begin() {
        LoadLine governs = line;
        if (governs == null) {
            return;
        }
        runner = Thread.currentThread().getId();
        if (governs.measures(this)) {
            measureFrom = Allocations.here();
            if (measureFrom >= 0) {
                allocatedBefore = measureFrom;
                thread = Thread.currentThread().getId();
            }
        }
    }

    /** The job has ended on this thread; {@code failure} is what it threw. */
    public void end(@Nullable Throwable failure) {
        end(failure, 1);
    }

    /** The same of one among so many jobs that ran as one: what was allocated is shared out. */
    public void end(@Nullable Throwable failure, int jobs) {
        LoadLine governs = line;
        if (governs != null) {
            thread = 0;
            runner = 0;
            long allocated = measureFrom < 0 ? Allocations.UNKNOWN : (Allocations.here() - measureFrom) / jobs;
            governs.ended(this, allocated, failure);
        }
    }

    /** Gives up what is reserved, or the place in line; only the first call counts. */
    public void leave() {
        if (line != null) {
            line.leave(this);
        }
    }

    /** Gives up the place in line; false if it holds room already or never asked. */
    public boolean withdraw() {
        return line != null && line.withdraw(this);
    }

    /** Tells whether others run beside it. */
    public boolean crowded() {
        return line != null && line.crowded();
    }

    /** Tells whether the job declared more than this JVM's heap: it can never run here. */
    public boolean impossible() {
        return line != null && line.impossible(request);
    }
}
