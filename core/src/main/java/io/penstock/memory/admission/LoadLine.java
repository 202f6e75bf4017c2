package io.penstock.memory.admission;

import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Admission for work by reservation: what jobs are going to need is promised before they begin, and no more is promised
 * than fits under the line.
 *
 * <p>Looking at the heap and then deciding cannot work: as many threads as there are pass the look together (measured:
 * 200 threads over a 95 % breaker ran out of memory in every run). So the promise is the decision, and the heap is only
 * asked afterwards, at each collection, how good the promises were.
 *
 * <p>A job costs its record, plus what its type was seen to allocate times the share of such bytes that collections
 * leave; or what it declared. It runs if nothing else runs, or if everything promised and the base (what all else holds)
 * stay under the line. Who does not fit stands in one line for the whole process, first come first served: the room that
 * falls free is kept for the first, so that large jobs are not starved by small ones.
 *
 * <p>Bound: {@value #MOST_TYPES} types learned, the others share one; a group is counted while it runs. Threads: safe;
 * one monitor, held for some hundred instructions and never while anything of others is called. It is a monitor and not a
 * lock of java.util.concurrent because that needs memory when it is contended, just when there is none.
 */
public final class LoadLine implements AutoCloseable {
    /** Types in {@link #stats}. */
    static final int MOST_SHOWN = 20;

    static final int MOST_TYPES = 1_000;

    /** Running jobs whose threads are asked at a collection what they have allocated: 256 cost some 30 microseconds. */
    private static final int MOST_ASKED = 256;

    /** Records that wait in hand may take this share of what jobs may have. */
    private static final int HAND_SHARE = 8;

    private static final long LEAST_HAND = 256 << 10;

    /** A known type whose jobs cost less than this share of the heap is measured once in 16 runs. */
    private static final int SMALL = 4_096;

    private static final int SPARSE = 16;

    private static final Duration LOOK = Duration.ofMillis(250);

    private final LoadLineConfig config;
    private final HeapFacts heap;
    private final Clock clock;
    private final double lineShare;
    private final long lineBytes;
    private final Map<String, Footprint> footprints = new ConcurrentHashMap<>();
    private final Footprint others = new Footprint("(others)");
    private final Producers producers;
    private @Nullable Subscription collections;
    private @Nullable Task task;

    // guarded by this
    private final LiveSet live;
    private final Throttle throttle;
    private final Outside outside = new Outside();
    private final Map<String, Long> groups = new HashMap<>();
    private final Waiting waiting = new Waiting();
    private Permit[] held = new Permit[64];
    private int running;
    private long runningCost;
    private long runningRecords;
    private long foreseen;
    private long hand;
    private long admitted;
    private long waited;
    private long withdrawn;
    private long exceeded;
    private long outOfMemory;

    LoadLine(LoadLineConfig config, HeapFacts heap, Clock clock) {
        this.config = config;
        this.heap = heap;
        this.clock = clock;
        this.lineShare = config.line() == 0 ? heap.line() : config.line();
        this.lineBytes = (long) (heap.maxBytes() * lineShare);
        this.live = new LiveSet(
                heap.maxBytes(),
                Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        this.throttle = new Throttle(clock.nanos());
        this.producers = new Producers(lineShare, clock);
    }

    /** Makes one for this JVM; it listens to the collector and looks round four times a second until it is closed. */
    public static LoadLine open(LoadLineConfig config, GcFeed feed, Timer timer) {
        LoadLine line = new LoadLine(config, HeapFacts.ofThisJvm(), timer.clock());
        if (config.mode() != LoadLineConfig.Mode.OFF) {
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
     * above its share only one job runs at a time.
     *
     * @param usedBytes asked four times a second on the timer's thread; negative = not known
     */
    public synchronized void outside(LongSupplier usedBytes, long limitBytes) {
        outside.over(usedBytes, limitBytes);
    }

    /** Makes the place of one job, not yet in line. */
    public Permit permit(Permit.Request request, Runnable granted) {
        if (config.mode() == LoadLineConfig.Mode.OFF) {
            return Permit.FREE;
        }
        return new Permit(this, footprint(request.type()), request, granted);
    }

    private Footprint footprint(String type) {
        Footprint known = footprints.get(type);
        if (known != null) {
            return known;
        }
        return footprints.size() >= MOST_TYPES ? others : footprints.computeIfAbsent(type, Footprint::new);
    }

    boolean impossible(Permit.Request request) {
        return request.declaredBytes() > heap.maxBytes();
    }

    /** Returns the largest heap: what a job may declare at most. */
    public long heapBytes() {
        return heap.maxBytes();
    }

    /** Grants bytes of records for a take, 0 to {@code wanted}; they come back by {@link #release}. */
    public synchronized long admit(long wanted) {
        long granted = wanted;
        if (config.mode() == LoadLineConfig.Mode.ENFORCE) {
            long room = handBytes() - (hand - runningRecords);
            granted = Math.min(wanted, room);
        }
        hand += Math.max(0, granted);
        return Math.max(0, granted);
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
        return Math.max(LEAST_HAND, (lineBytes - live.base()) / HAND_SHARE);
    }

    boolean enter(Permit permit) {
        Permit chain;
        boolean runs;
        synchronized (this) {
            if (permit.state != Permit.State.NEW) {
                return permit.state == Permit.State.HELD;
            }
            price(permit);
            if (waiting.isEmpty() && fits(permit)) {
                hold(permit);
                return true;
            }
            if (config.mode() == LoadLineConfig.Mode.MONITOR) {
                exceeded++;
                hold(permit);
                return true;
            }
            waiting.add(permit);
            permit.state = Permit.State.WAITING;
            waited++;
            chain = pump();
            runs = permit.state == Permit.State.HELD;
            if (runs) {
                chain = Waiting.without(chain, permit);
                waited--;
            }
        }
        tell(chain);
        return runs;
    }

    /** Works out what the job costs by what is known now. */
    private void price(Permit permit) {
        Permit.Request request = permit.request;
        Footprint footprint = permit.footprint;
        permit.recordCost = heap.occupied(request.recordBytes());
        if (request.declaredBytes() > 0 || footprint == null) {
            permit.foreseen = 0;
            permit.cost = Math.max(permit.recordCost, request.declaredBytes());
            return;
        }
        long allocates = footprint.foreseen(request.recordBytes());
        permit.foreseen = allocates;
        permit.cost =
                Math.max(permit.recordCost + (long) (allocates * live.discount()), footprint.suspicion(lineBytes));
        footprint.lastCost = permit.cost;
    }

    private boolean fits(Permit permit) {
        if (running == 0) {
            return true;
        }
        permit.byGroup = false;
        if (!groupFits(permit)) {
            permit.byGroup = true;
            return false;
        }
        return !outside.over() && total() + permit.cost <= lineBytes * throttle.share();
    }

    private long total() {
        return live.base() + Math.max(handBytes(), hand - runningRecords) + runningCost;
    }

    private boolean groupFits(Permit permit) {
        String group = permit.request.group();
        if (config.groupBytes() == 0 || group == null) {
            return true;
        }
        Long has = groups.get(group);
        return has == null || has + permit.cost <= config.groupBytes();
    }

    private void hold(Permit permit) {
        if (running == held.length) {
            held = java.util.Arrays.copyOf(held, running * 2);
        }
        groupHolds(permit, permit.cost);
        permit.state = Permit.State.HELD;
        permit.place = running;
        held[running++] = permit;
        runningCost += permit.cost;
        runningRecords += permit.request.recordBytes();
        foreseen += permit.foreseen;
        admitted++;
    }

    private void groupHolds(Permit permit, long bytes) {
        String group = permit.request.group();
        if (config.groupBytes() > 0 && group != null) {
            groups.merge(group, bytes, (a, b) -> a + b == 0 ? null : a + b);
        }
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
                break; // the room that falls free is his
            }
            next = following;
        }
        return chain;
    }

    private static void tell(@Nullable Permit chain) {
        while (chain != null) {
            Permit following = chain.after;
            chain.after = null;
            chain.granted.run();
            chain = following;
        }
    }

    void leave(Permit permit) {
        Permit chain;
        synchronized (this) {
            if (permit.state == Permit.State.HELD) {
                drop(permit);
            } else if (permit.state == Permit.State.WAITING) {
                waiting.remove(permit);
                withdrawn++;
            }
            permit.state = Permit.State.LEFT;
            chain = waiting.isEmpty() ? null : pump();
        }
        tell(chain);
    }

    private void drop(Permit permit) {
        Permit last = held[--running];
        held[permit.place] = last;
        last.place = permit.place;
        held[running] = null;
        runningCost -= permit.cost;
        runningRecords -= permit.request.recordBytes();
        foreseen -= permit.foreseen;
        groupHolds(permit, -permit.cost);
    }

    boolean withdraw(Permit permit) {
        synchronized (this) {
            if (permit.state != Permit.State.WAITING) {
                return false;
            }
        }
        leave(permit);
        return true;
    }

    /** Whether this run is to be measured; each run until its type is known, then fewer of the small ones. */
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
        boolean noMemory = ranOut(failure);
        if (allocated < 0 && !noMemory) {
            Footprint footprint = permit.footprint;
            if (footprint != null && !footprint.known()) {
                synchronized (this) {
                    footprint.proven();
                }
            }
            return;
        }
        synchronized (this) {
            Footprint footprint = permit.footprint;
            if (allocated >= 0 && footprint != null) {
                footprint.ran(allocated, permit.request.recordBytes());
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

    /** Tells whether more than one job runs: then none of them can be blamed for a lack of memory. */
    public synchronized boolean crowded() {
        return running > 1;
    }

    void collected(GcEvent event) {
        Permit chain;
        synchronized (this) {
            long now = clock.nanos();
            askThreads();
            if (event.measured()) {
                live.collected(event.usedAfterBytes(), records(), foreseen);
                producers.collected(live.leftShare());
            }
            throttle.collected(event.measured() ? live.leftShare() : 0, event.pauseMillis(), now);
            priceAgain();
            chain = pump();
        }
        tell(chain);
    }

    /** What the records in hand take, running ones by their cost. */
    private long records() {
        long sum = Math.max(0, hand - runningRecords);
        for (int i = 0; i < running; i++) {
            sum += held[i].recordCost;
        }
        return sum;
    }

    /** Without a collection nothing is learned by itself, so a line that waits is looked after by the clock. */
    void look() {
        Permit chain;
        synchronized (this) {
            long now = clock.nanos();
            outside.look();
            if (outside.over()) {
                throttle.pressed(now);
            } else if (!waiting.isEmpty()) {
                throttle.quiet(now);
            }
            askThreads();
            for (int i = 0; i < running; i++) {
                Footprint footprint = held[i].footprint;
                if (footprint != null) {
                    footprint.proven();
                }
            }
            priceAgain();
            chain = pump();
        }
        tell(chain);
    }

    /** Learns from runs that go on: a run that needs more than its like must not end before it is noticed. */
    private void askThreads() {
        int asked = 0;
        long[] ids = new long[Math.min(running, MOST_ASKED)];
        Permit[] of = new Permit[ids.length];
        for (int i = 0; i < running && asked < ids.length; i++) {
            long thread = held[i].thread;
            if (thread > 0) {
                ids[asked] = thread;
                of[asked++] = held[i];
            }
        }
        if (asked == 0) {
            return;
        }
        long[] allocated = Allocations.of(asked == ids.length ? ids : java.util.Arrays.copyOf(ids, asked));
        for (int i = 0; i < asked; i++) {
            Footprint footprint = of[i].footprint;
            long since = allocated[i] - of[i].allocatedBefore;
            if (footprint != null && since > 0 && of[i].thread == ids[i]) {
                footprint.seen(since, of[i].request.recordBytes());
            }
        }
    }

    private void priceAgain() {
        for (int i = 0; i < running; i++) {
            Permit permit = held[i];
            long cost = permit.cost;
            long allocates = permit.foreseen;
            price(permit);
            runningCost += permit.cost - cost;
            foreseen += permit.foreseen - allocates;
            groupHolds(permit, permit.cost - cost);
        }
        for (Permit permit = waiting.first(); permit != null; permit = permit.after) {
            price(permit);
        }
    }

    /** Returns why a producer is refused, or null: what the last collections left is over the line for producers. */
    public @Nullable Pressure pressure() {
        return config.mode() == LoadLineConfig.Mode.ENFORCE ? producers.pressure() : null;
    }

    /** Returns a picture of now. */
    public synchronized LoadLineStats stats() {
        List<LoadLineStats.TypeCost> types = footprints.values().stream()
                .map(Footprint::stats)
                .sorted(Comparator.comparingLong(LoadLineStats.TypeCost::lastCostBytes)
                        .reversed())
                .limit(MOST_SHOWN)
                .toList();
        return new LoadLineStats(
                config.mode(),
                heap.maxBytes(),
                lineBytes,
                live.base(),
                runningCost,
                hand,
                running,
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
                types);
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
    }
}
