package io.penstock.memory.admission;

import io.penstock.memory.admission.LoadLineConfig.Mode;
import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Admission for work by reservation: what jobs are going to need is promised before they begin, and no more is promised
 * than fits under the line.
 *
 * <p>Looking at the heap and then deciding cannot work: as many threads as there are pass the look together (measured:
 * 200 threads before a breaker at 95 % ran out of memory in every run). So the promise is the decision, and the heap is
 * asked afterwards, at each collection, how good the promises were.
 *
 * <p>A job costs its record, plus what its type was seen to allocate times the share of such bytes that collections
 * leave; or what it declared. It runs if nothing else runs, or if everything promised and the base (what all else holds)
 * stay under the line. Who does not fit stands in one line for the whole process, first come first served: the room that
 * falls free is kept for the first, so that large jobs are not starved by small ones.
 *
 * <p>Bound: {@value Types#MOST} types learned. Threads: safe; one monitor, held for some hundred instructions and never
 * while anything of others is called. It is a monitor and not a lock of java.util.concurrent because that needs memory
 * when it is contended, just when there is none. Cost: entering and leaving take less than 300 ns.
 */
public final class LoadLine implements AutoCloseable {
    /** Types in {@link #stats}. */
    static final int MOST_SHOWN = 20;

    /** Records that wait in hand may take this part of what jobs may have. */
    private static final int HAND_PART = 16;

    private static final long LEAST_HAND = 256 << 10;

    /** Jobs of a known type that need less than this part of the heap are measured once in {@link #SPARSE} runs. */
    private static final int SMALL = 4_096;

    private static final int SPARSE = 16;

    private static final Duration LOOK = Duration.ofMillis(250);

    private static final long STARVED_NANOS = Duration.ofSeconds(1).toNanos();

    /** Were all that the last collection left alive, this share of the heap must still hold it with the jobs. */
    private static final double TRUE_ROOM = 0.9;

    private final LoadLineConfig config;
    private final HeapFacts heap;
    private final Clock clock;
    private final long lineBytes;
    private final Types types = new Types();
    private final Producers producers;
    private @Nullable Subscription collections;
    private @Nullable Task task;

    // guarded by this
    private final LiveSet live;
    private final Throttle throttle;
    private final Outside outside = new Outside();
    private final Waiting waiting = new Waiting();
    private final Running running;
    private boolean closed;
    private long hand;
    private long looks;
    private long admitted;
    private long admittedNanos;
    private long waited;
    private long withdrawn;
    private long exceeded;
    private long outOfMemory;

    LoadLine(LoadLineConfig config, HeapFacts heap, Clock clock) {
        double share = config.line() == 0 ? heap.line() : config.line();
        Runtime runtime = Runtime.getRuntime();
        this.config = config;
        this.heap = heap;
        this.clock = clock;
        this.lineBytes = (long) (heap.maxBytes() * share);
        this.live = new LiveSet(heap.maxBytes(), runtime.totalMemory() - runtime.freeMemory());
        this.throttle = new Throttle(clock.nanos());
        this.producers = new Producers(share, clock);
        this.admittedNanos = clock.nanos();
        this.running = new Running(config.groupBytes());
    }

    /** Makes one for this JVM; it listens to the collectors and looks round four times a second until it is closed. */
    public static LoadLine open(LoadLineConfig config, GcFeed feed, Timer timer) {
        LoadLine line = new LoadLine(config, HeapFacts.ofThisJvm(), timer.clock());
        if (config.mode() != Mode.OFF) {
            line.collections = feed.onCollection(line::collected);
            line.task = timer.every("load line", LOOK, line::look);
        }
        return line;
    }

    /** Returns how it governs. */
    public LoadLineConfig config() {
        return config;
    }

    /**
     * Puts a second line over something outside the heap, such as resident or direct bytes under a container's limit:
     * over nine tenths of it only one job runs at a time.
     *
     * @param usedBytes asked four times a second on the timer's thread; negative = not known
     */
    public synchronized void outside(LongSupplier usedBytes, long limitBytes) {
        outside.over(usedBytes, limitBytes);
    }

    /** Makes the place of one job, not yet in line. */
    public Permit permit(Permit.Request request, Runnable granted) {
        return config.mode() == Mode.OFF ? Permit.FREE : new Permit(this, types.of(request.type()), request, granted);
    }

    boolean impossible(Permit.Request request) {
        return request.declaredBytes() > heap.maxBytes();
    }

    /** Grants bytes of records for a take, 0 to {@code wanted}; they come back by {@link #release}. */
    public synchronized long admit(long wanted) {
        long granted = wanted;
        if (config.mode() == Mode.ENFORCE) {
            granted = Math.max(0, Math.min(wanted, handBytes() - ready()));
        }
        hand += granted;
        return granted;
    }

    /** Takes back bytes of records. */
    public void release(long bytes) {
        Permit chain;
        synchronized (this) {
            hand -= bytes;
            chain = pump();
        }
        tell(chain);
    }

    private long handBytes() {
        return Math.max(LEAST_HAND, (lineBytes - live.base()) / HAND_PART);
    }

    /** Bytes of records in hand that do not run, or no longer. */
    private long ready() {
        return Math.max(0, hand - running.records());
    }

    boolean enter(Permit permit) {
        Permit chain;
        boolean held;
        synchronized (this) {
            if (permit.state != Permit.State.NEW) {
                return permit.state == Permit.State.HELD;
            }
            price(permit);
            boolean fits = waiting.isEmpty() && fits(permit);
            if (fits || config.mode() == Mode.MONITOR) {
                exceeded += fits ? 0 : 1;
                hold(permit);
                return true;
            }
            permit.state = Permit.State.WAITING;
            waiting.add(permit);
            chain = pump();
            held = permit.state == Permit.State.HELD;
            waited += held ? 0 : 1;
            chain = held ? Waiting.without(chain, permit) : chain; // it learns it from the answer
        }
        tell(chain);
        return held;
    }

    /** Works out what the job costs by what is known now. */
    private void price(Permit permit) {
        Permit.Request request = permit.request;
        Footprint footprint = permit.footprint;
        permit.recordCost = heap.occupied(request.recordBytes());
        if (request.declaredBytes() > 0 || footprint == null) {
            permit.cost = Math.max(permit.recordCost, request.declaredBytes());
            return;
        }
        permit.foreseen = footprint.expected(request.recordBytes());
        long kept = (long) (permit.foreseen * live.discount());
        permit.cost = Math.max(permit.recordCost + kept, footprint.suspicion(lineBytes));
        footprint.lastCost = permit.cost;
    }

    private boolean fits(Permit permit) {
        permit.byGroup = false;
        if (running.size() == 0 || closed) {
            return true; // an idle process always admits one
        }
        if (!running.groupFits(permit)) {
            permit.byGroup = true;
            return false;
        }
        return !outside.over() && Math.min(promised(), bound()) + permit.cost <= lineBytes * throttle.share();
    }

    /**
     * What may be alive now, whatever is garbage: all that the last collection left, and what running jobs may have
     * added since. Below the load at which old garbage is collected at all, this is less than what is promised.
     */
    private long bound() {
        return live.left() == 0 ? Long.MAX_VALUE / 2 : live.left() + running.owed();
    }

    private long promised() {
        return live.base() + Math.max(handBytes(), ready()) + running.cost();
    }

    private void hold(Permit permit) {
        running.add(permit);
        permit.state = Permit.State.HELD;
        admitted++;
        admittedNanos = clock.nanos();
    }

    /** Lets in whoever fits, in order; returns them linked by {@code after}. */
    private @Nullable Permit pump() {
        Permit chain = null;
        Permit next = waiting.first();
        while (next != null) {
            Permit following = next.after;
            if (fits(next)) {
                waiting.remove(next);
                hold(next);
                next.after = chain;
                chain = next;
            } else if (!next.byGroup) {
                break; // the room that falls free is kept for it
            }
            next = following;
        }
        return chain;
    }

    private static void tell(@Nullable Permit chain) {
        Permit next = chain;
        while (next != null) {
            Permit following = next.after;
            next.after = null;
            next.granted.run();
            next = following;
        }
    }

    void leave(Permit permit) {
        Permit chain = null;
        synchronized (this) {
            if (permit.state == Permit.State.HELD) {
                running.remove(permit);
            } else if (permit.state == Permit.State.WAITING) {
                waiting.remove(permit);
                withdrawn++;
            }
            permit.state = Permit.State.LEFT;
            if (!waiting.isEmpty()) {
                chain = pump();
            }
        }
        tell(chain);
    }

    boolean withdraw(Permit permit) {
        synchronized (this) {
            if (permit.state != Permit.State.WAITING) {
                return false;
            }
            waiting.remove(permit);
            permit.state = Permit.State.LEFT;
            withdrawn++;
        }
        release(0); // whoever stood behind it may fit
        return true;
    }

    /** Whether this run is to be measured: each until its type is known, then fewer of the small ones. */
    boolean measures(Permit permit) {
        Footprint footprint = permit.footprint;
        if (footprint == null) {
            return false;
        }
        return !footprint.known()
                || permit.foreseen > heap.maxBytes() / SMALL
                || (System.identityHashCode(permit) >>> 4) % SPARSE == 0;
    }

    void ended(Permit permit, long allocated, @Nullable Throwable failure) {
        Footprint footprint = permit.footprint;
        boolean noMemory = ranOut(failure);
        if (footprint == null || (allocated < 0 && !noMemory && footprint.known())) {
            return;
        }
        synchronized (this) {
            if (allocated >= 0) {
                footprint.ran(allocated, permit.request.recordBytes());
            } else {
                footprint.proven(looks);
            }
            if (noMemory) {
                outOfMemory++;
                throttle.outOfMemory(clock.nanos());
            }
        }
    }

    /** Tells whether this or one of its causes says that memory ran out. */
    public static boolean ranOut(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Whether more than one job runs: then none of them can be blamed for a lack of memory. */
    synchronized boolean crowded() {
        return running.size() > 1;
    }

    void collected(GcEvent event) {
        Permit chain;
        synchronized (this) {
            if (event.measured()) {
                running.found();
            }
            long allocated = running.ask();
            if (event.measured()) {
                live.collected(event, ready() + running.recordCosts(), allocated, running.foreseen(), running.fresh());
                producers.collected(live.leftShare());
            }
            throttle.collected(
                    event.measured() ? live.leftShare() : 0, event.wholeHeap(), event.pauseMillis(), clock.nanos());
            priceAgain();
            chain = pump();
        }
        tell(chain);
    }

    /** Looks round without a collection: a line whose jobs allocate nothing must move on all the same. */
    void look() {
        Permit chain;
        synchronized (this) {
            outside.look();
            if (outside.over()) {
                throttle.pressed(clock.nanos());
            } else if (!waiting.isEmpty()) {
                throttle.quiet(clock.nanos());
            }
            running.ask();
            running.proven(looks++);
            priceAgain();
            chain = pump();
            if (chain == null) {
                chain = relieved();
            }
        }
        tell(chain);
    }

    /**
     * Lets the first in after a second without anybody, when only the base stands against it and it would fit in truth.
     *
     * <p>Young collections leave old garbage, so between two collections of the whole heap the base may be mostly that:
     * short jobs were seen to stand for 40 s behind one long one. One a look is slow enough for a collection to object.
     */
    private @Nullable Permit relieved() {
        Permit first = waiting.first();
        if (first == null || first.byGroup || outside.over() || clock.nanos() - admittedNanos < STARVED_NANOS) {
            return null;
        }
        long jobs = Math.max(handBytes(), ready()) + running.cost() + first.cost;
        double left = live.leftShare() * heap.maxBytes();
        if (jobs + live.leastBase() > lineBytes || left + running.cost() + first.cost > heap.maxBytes() * TRUE_ROOM) {
            return null;
        }
        waiting.remove(first);
        long before = admittedNanos;
        hold(first);
        admittedNanos = before; // the next look may let in the next
        first.after = null;
        return first;
    }

    private void priceAgain() {
        running.priceAgain(this::price);
        for (Permit permit = waiting.first(); permit != null; permit = permit.after) {
            price(permit);
        }
    }

    /** Returns why a producer is refused, or null: what the last collections left is over the line for producers. */
    public @Nullable Pressure pressure() {
        return config.mode() == Mode.ENFORCE ? producers.pressure() : null;
    }

    /** Returns a picture of now. */
    public synchronized LoadLineStats stats() {
        return new LoadLineStats(
                config.mode(),
                heap.maxBytes(),
                lineBytes,
                live.base(),
                running.cost(),
                hand,
                running.size(),
                waiting.size(),
                throttle.share(),
                live.leftShare(),
                live.discount(),
                admitted,
                waited,
                withdrawn,
                exceeded,
                producers.refused(),
                outOfMemory,
                types.top(MOST_SHOWN));
    }

    /** Stops listening and looking; whoever waits is let in, so that nothing hangs. */
    @Override
    public void close() {
        if (collections != null) {
            collections.close();
        }
        if (task != null) {
            task.close();
        }
        Permit chain;
        synchronized (this) {
            closed = true;
            chain = pump();
        }
        tell(chain);
    }
}
