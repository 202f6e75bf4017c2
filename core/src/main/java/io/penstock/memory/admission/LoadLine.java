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
 * leave; or what it declared. Alone it costs what hardly one of its like needs more of; many of them together cost their
 * means and twice the deviation of that sum. It runs if nothing else runs, or if everything promised and the base (what
 * all else holds) stay under the line. Who does not fit stands in one line for the whole process, first come first served: the room that
 * falls free is kept for the first, so that large jobs are not starved by small ones.
 *
 * <p>Bound: {@value Types#MOST} types learned. Threads: safe; one monitor, held for some hundred instructions and never
 * while anything of others is called. It is a monitor and not a lock of java.util.concurrent because that needs memory
 * when it is contended, just when there is none. Cost: entering and leaving take less than 300 ns.
 */
public final class LoadLine implements AutoCloseable {
    /** Types in {@link #stats}. */
    static final int MOST_SHOWN = 20;

    /** Jobs of a known type that need less than this part of the heap are measured once in {@link #SPARSE} runs. */
    private static final int SMALL = 4_096;

    private static final int SPARSE = 16;

    private static final Duration LOOK = Duration.ofMillis(250);

    /** Asking 256 threads takes 30 microseconds: this is half a percent of a core while the line is full, else nothing. */
    private static final long ASK_NANOS = Duration.ofMillis(5).toNanos();

    private static final long STARVED_NANOS = Duration.ofSeconds(1).toNanos();

    private final HeapFacts heap;
    private final Clock clock;
    private final Types types = new Types();
    private final Producers producers;
    private @Nullable GcFeed feed;
    private @Nullable Timer timer;
    private volatile LoadLineConfig config;
    Runnable collector = System::gc; // tests put another here

    // guarded by this
    private final Room room;
    private final Waiting waiting = new Waiting();
    private @Nullable Subscription collections;
    private @Nullable Task task;
    private boolean closed;
    private long looks;
    private long admitted;
    private long admittedNanos;
    private long askedNanos;
    private long waited;
    private long withdrawn;
    private long exceeded;
    private long outOfMemory;

    LoadLine(LoadLineConfig config, HeapFacts heap, Direct direct, Clock clock) {
        this.config = config;
        this.heap = heap;
        this.clock = clock;
        this.room = new Room(heap, config.groupBytes(), direct, clock.nanos());
        this.producers = new Producers(clock);
        this.admittedNanos = clock.nanos();
        this.askedNanos = admittedNanos;
        line(config);
    }

    /** One over which nobody holds direct buffers. */
    LoadLine(LoadLineConfig config, HeapFacts heap, Clock clock) {
        this(config, heap, new Direct(() -> 0, Long.MAX_VALUE), clock);
    }

    private void line(LoadLineConfig next) {
        room.line(next.line());
        producers.line((double) room.lineBytes() / heap.maxBytes());
    }

    /** Makes one for this JVM; it listens to the collectors and looks round four times a second until it is closed. */
    public static LoadLine open(LoadLineConfig config, GcFeed feed, Timer timer) {
        LoadLine line = new LoadLine(config, HeapFacts.ofThisJvm(), Direct.ofThisJvm(), timer.clock());
        line.attend(feed, timer);
        return line;
    }

    private synchronized void attend(GcFeed to, Timer by) {
        feed = to;
        timer = by;
        listen();
    }

    /** Listens and looks round while it governs, and not if nothing is counted; the caller holds the monitor. */
    private void listen() {
        boolean governs = config.mode() != Mode.OFF && !closed;
        if (governs && collections == null && feed != null && timer != null) {
            collections = feed.onCollection(this::collected);
            task = timer.every("load line", LOOK, this::look);
        } else if (!governs && collections != null) {
            collections.close();
            collections = null;
            if (task != null) {
                task.close();
                task = null;
            }
        }
    }

    /**
     * Governs by this from now on; takes effect for jobs that wait and for those to come. Whatever runs already goes on, and
     * what began while nothing was counted counts only as a part of what collections leave.
     *
     * @throws IllegalArgumentException if it has another budget for groups: that is fixed for the life of a line
     */
    public void govern(LoadLineConfig next) {
        Permit chain;
        synchronized (this) {
            if (next.groupBytes() != config.groupBytes()) {
                throw new IllegalArgumentException("memory.group-bytes " + next.groupBytes()
                        + " was not put in force: running jobs are counted by the budget of " + config.groupBytes()
                        + " that the line began with, which stays; restart the process to change it");
            }
            config = next;
            line(next);
            listen();
            chain = pump();
        }
        tell(chain);
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
        room.outside.over(usedBytes, limitBytes);
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
            granted = Math.max(0, Math.min(wanted, room.handLeft()));
        }
        room.hand(granted);
        return granted;
    }

    /** Takes back bytes of records. */
    public void release(long bytes) {
        Permit chain;
        synchronized (this) {
            room.hand(-bytes);
            chain = pump();
        }
        tell(chain);
    }

    boolean enter(Permit permit) {
        Permit chain;
        boolean held;
        synchronized (this) {
            if (permit.state != Permit.State.NEW) {
                return permit.state == Permit.State.HELD;
            }
            room.price(permit);
            boolean fits = waiting.isEmpty() && (closed || room.fits(permit));
            if (fits || config.mode() != Mode.ENFORCE) {
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

    private void hold(Permit permit) {
        room.hold(permit);
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
            if (closed || room.fits(next) || config.mode() != Mode.ENFORCE) {
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
                room.release(permit);
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
        if (config.mode() == Mode.ENFORCE && room.collection.take()) {
            collector.run();
        }
        Footprint footprint = permit.footprint;
        boolean noMemory = ranOut(failure);
        if (footprint == null || (allocated < 0 && !noMemory && footprint.known())) {
            return;
        }
        synchronized (this) {
            if (allocated >= 0) {
                footprint.ran(allocated, permit.request.recordBytes());
            } else {
                footprint.ranUnmeasured(looks);
            }
            room.throttle.ended();
            room.direct.ended(footprint);
            if (!waiting.isEmpty() && clock.nanos() - askedNanos >= ASK_NANOS) {
                ask();
            }
            if (noMemory) {
                outOfMemory++;
                room.throttle.outOfMemory(clock.nanos());
            }
        }
    }

    /**
     * Somebody is let in for whoever ended: first those that run are asked, or jobs that need more than their like are let
     * in at the old price until the next collection.
     */
    private void ask() {
        askedNanos = clock.nanos();
        room.ask();
        priceWaiting();
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
        return room.running.size() > 1;
    }

    void collected(GcEvent event) {
        Permit chain;
        synchronized (this) {
            room.collected(event, clock.nanos());
            if (event.measured()) {
                producers.collected(room.live.leftShare());
            }
            priceWaiting();
            chain = pump();
        }
        tell(chain);
    }

    /** Looks round without a collection: a line whose jobs allocate nothing must move on all the same. */
    void look() {
        Permit chain;
        synchronized (this) {
            room.look(looks++, !waiting.isEmpty(), clock.nanos());
            priceWaiting();
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
        if (first == null || clock.nanos() - admittedNanos < STARVED_NANOS || !room.fitsInTruth(first)) {
            return null;
        }
        waiting.remove(first);
        long before = admittedNanos;
        hold(first);
        admittedNanos = before; // the next look may let in the next
        first.after = null;
        return first;
    }

    private void priceWaiting() {
        for (Permit permit = waiting.first(); permit != null; permit = permit.after) {
            room.price(permit);
        }
    }

    /** Returns why a producer is refused, or null: what the last collections left is over the line for producers. */
    public @Nullable Pressure pressure() {
        return config.mode() == Mode.ENFORCE ? producers.pressure() : null;
    }

    /**
     * Returns how long a producer of this process that waits for its answer anyway is to be held back first, in nanos:
     * 0 while there is no pressure, up to a quarter of a second just below the line at which producers are refused. A job
     * that adds jobs is never held back, because it holds memory meanwhile.
     */
    public long holdBackNanos() {
        long nanos = config.mode() == Mode.ENFORCE ? producers.holdBackNanos() : 0;
        if (nanos == 0) {
            return 0;
        }
        synchronized (this) {
            return room.running.runsOn(Thread.currentThread().getId()) ? 0 : nanos;
        }
    }

    /** Returns a picture of now. */
    public synchronized LoadLineStats stats() {
        return new LoadLineStats(
                config.mode(),
                heap.maxBytes(),
                room.lineBytes(),
                room.live.base(),
                room.running.cost(),
                room.hand(),
                room.running.size(),
                waiting.size(),
                room.throttle.share(),
                room.live.leftShare(),
                room.live.discount(),
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
        Permit chain;
        synchronized (this) {
            closed = true;
            listen();
            chain = pump();
        }
        tell(chain);
    }
}
