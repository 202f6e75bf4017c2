package io.penstock.memory.admission;

import io.penstock.memory.gc.GcEvent;

/**
 * What is promised and what there is: whether one more job fits.
 *
 * <p>It answers from sums that are kept, so that asking costs some ten instructions and no memory. Threads: guarded by
 * the load line.
 */
final class Room {
    /** Records that wait in hand may take this part of what jobs may have. */
    private static final int HAND_PART = 16;

    private static final long LEAST_HAND = 256 << 10;

    /** Were all that the last collection left alive, this share of the heap must still hold it with the jobs. */
    private static final double TRUE_ROOM = 0.9;

    /** A collection of the whole heap takes about 1 ms a MB on a busy machine; more than 200 ms are never asked for. */
    private static final long SHORT_PAUSE_BYTES = 200L << 20;

    final LiveSet live;
    final Throttle throttle;
    final Running running;
    final Outside outside = new Outside();
    final Direct direct;
    final Wish collection;
    private final Survivors survivors = new Survivors();
    private final HeapFacts heap;
    private long lineBytes;
    private long hand;

    Room(HeapFacts heap, long groupBytes, Direct direct, long nowNanos) {
        Runtime runtime = Runtime.getRuntime();
        this.heap = heap;
        this.direct = direct;
        this.collection = new Wish(nowNanos);
        live = new LiveSet(heap, runtime.totalMemory() - runtime.freeMemory());
        throttle = new Throttle(heap.concurrent(), nowNanos);
        running = new Running(groupBytes);
    }

    void line(double share) {
        lineBytes = (long) (heap.maxBytes() * (share == 0 ? heap.line() : share));
    }

    long lineBytes() {
        return lineBytes;
    }

    /** Bytes of records in hand, running ones included. */
    long hand() {
        return hand;
    }

    /** How many bytes of records more may be in hand. */
    long handLeft() {
        return handBytes() - ready();
    }

    void hand(long change) {
        hand += change;
    }

    private long handBytes() {
        return Math.max(LEAST_HAND, (lineBytes - live.base()) / HAND_PART);
    }

    /** Bytes of records in hand that do not run, or no longer. */
    private long ready() {
        return Math.max(0, hand - running.records());
    }

    /** Works out what the job costs by what is known now. */
    void price(Permit permit) {
        Permit.Request request = permit.request;
        Footprint footprint = permit.footprint;
        permit.recordCost = heap.occupied(request.recordBytes());
        if (request.declaredBytes() > 0 || footprint == null) {
            permit.cost = Math.max(permit.recordCost, request.declaredBytes());
            permit.likelyCost = permit.cost;
            return;
        }
        permit.foreseen = footprint.foreseen(request.recordBytes());
        // one that has allocated more than its like does so in the end too
        permit.likely = Math.min(permit.foreseen, Math.max(footprint.likely(request.recordBytes()), permit.allocated));
        permit.cost = priced(permit, permit.foreseen);
        permit.likelyCost = priced(permit, permit.likely);
        double scatter = footprint.deviation(request.recordBytes()) * live.discount();
        permit.variance = scatter * scatter;
        footprint.lastCost = permit.cost;
    }

    private long priced(Permit permit, long allocates) {
        long kept = permit.recordCost + (long) (allocates * live.discount());
        return permit.footprint == null ? kept : Math.max(kept, permit.footprint.suspicion(lineBytes));
    }

    boolean fits(Permit permit) {
        permit.byGroup = false;
        if (running.size() == 0) {
            return true; // an idle process always admits one
        }
        if (!running.groupFits(permit)) {
            permit.byGroup = true;
            return false;
        }
        return !outside.over()
                && direct.fits(permit)
                && Math.min(promisedWith(permit), bound() + permit.cost) <= lineBytes * throttle.share();
    }

    private long promisedWith(Permit permit) {
        return live.base() + handCost() + running.costWith(permit);
    }

    /** Room is kept for the records that may be in hand, whether they are or not. */
    private long handCost() {
        return Math.max(handBytes(), ready());
    }

    /**
     * What may be alive now, whatever is garbage: all that the last collection left, and what running jobs may have
     * added since. Below the load at which old garbage is collected at all, this is less than what is promised.
     */
    private long bound() {
        return live.left() == 0 ? Long.MAX_VALUE / 2 : live.left() + running.owed();
    }

    /** Whether only the base stands against it, and it would fit even if all that the last collection left were alive. */
    boolean fitsInTruth(Permit permit) {
        if (permit.byGroup || outside.over() || !direct.fits(permit)) {
            return false;
        }
        long jobs = handCost() + running.cost() + permit.cost;
        double left = live.leftShare() * heap.maxBytes();
        return jobs + live.leastBase() <= lineBytes
                && left + running.cost() + permit.cost <= heap.maxBytes() * TRUE_ROOM;
    }

    void hold(Permit permit) {
        running.add(permit);
        direct.began(permit);
    }

    void release(Permit permit) {
        running.remove(permit);
        direct.left(permit);
    }

    void collected(GcEvent event, long nowNanos) {
        if (event.measured()) {
            running.found();
        }
        long allocated = running.ask(true);
        if (event.measured()) {
            running.moved(survivors.moved(event));
            long payloads = ready() + running.recordCosts();
            taken(event, event.usedAfterBytes() - payloads - allocated);
            live.collected(event, payloads, allocated, running.likely(), young());
        }
        begun();
        throttle.collected(event.measured() ? live.leftShare() : 0, event.wholeHeap(), event.pauseMillis(), nowNanos);
        direct.look();
        running.priceAgain(this::price);
    }

    /** Learns what something else has taken, where most jobs tell what they allocate. */
    private void taken(GcEvent event, long leftByOthers) {
        long allocated = running.allocatedSince();
        if (running.mostTell()) {
            live.unexplained(survivors.newborn() - allocated - handCost());
            if (event.wholeHeap() && !heap.concurrent()) {
                live.atLeast(leftByOthers);
            }
        }
    }

    /** What running jobs can hold by the age of what is alive. */
    private long young() {
        long survived = survivors.survived();
        return survived == Survivors.UNKNOWN ? survived : survived + running.mostMoved();
    }

    /**
     * Whether only a collection helps: the process is at its limit, and what fills it are direct buffers of jobs that ended. The
     * JVM collects by itself only at its own limit for them, which may be far above that of the container.
     */
    private boolean wantsCollection() {
        return outside.over()
                && outside.matter(direct.deadBytes())
                && (heap.concurrent() || live.left() <= SHORT_PAUSE_BYTES);
    }

    private void begun() {
        if (running.anyBegun()) {
            throttle.begun();
        }
    }

    /** Asks those that run what they have allocated, and prices all of them by that; no more than that. */
    void ask() {
        running.ask(false);
        running.priceAgain(this::price);
    }

    /** Time has passed; {@code look} numbers the looks, {@code waited} tells whether somebody waits. */
    void look(long look, boolean waited, long nowNanos) {
        outside.look();
        direct.look();
        direct.within(outside.leftForDirect(direct.usedBytes()));
        collection.look(wantsCollection(), nowNanos);
        begun();
        if (outside.over()) {
            throttle.pressed(nowNanos);
        } else if (waited) {
            throttle.quiet(nowNanos);
        }
        running.ask(true);
        running.proven(look);
        running.priceAgain(this::price);
    }
}
