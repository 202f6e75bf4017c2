package io.penstock.memory;

import io.penstock.memory.gc.GcEvent;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many bytes of the heap are alive, estimated from what collections left over.
 *
 * <p>What a collection leaves is an upper bound of what lives, and how good a bound depends on the collector. Serial,
 * Parallel, ZGC and Shenandoah have collections of the whole heap, and have one before memory runs out: only those
 * count for decisions, and the least of the last three, because one that ran beside the program also counts what was
 * allocated meanwhile. A young collection leaves old garbage, with Parallel up to a full old generation, so a healthy
 * heap would look full.
 *
 * <p>G1 frees old garbage a piece at a time, after a marking of which Java 17 does not tell. Its readings rise and
 * fall like a saw; the bottom of the last tooth, the floor, is what lived then. A reading counts as new life only where
 * it leaves all that recent teeth have reached by 5 % of the heap, three times in a row; a heap that keeps its shape
 * never does. The price: growth below former tips is seen one tooth late.
 *
 * <p>Threads: its monitor locks. Bound: a few hundred bytes.
 */
final class LiveSet {
    static final long UNKNOWN = GcEvent.UNKNOWN;

    /** A fall by less of the heap is noise, by the false alarms of a simulation of 40 runs of 48 h. */
    static final double TOOTH = 0.04;

    static final double NEW_TERRITORY = 0.05;

    private static final int READINGS = 3;
    private static final int TEETH = 4;

    private final boolean saw;
    private final Least whole = new Least();
    private final Least any = new Least();

    private final long[] tips = new long[TEETH];
    private int teeth;
    private long tip = UNKNOWN; // the highest since the last bottom
    private long bottom = UNKNOWN; // the lowest since that tip
    private long floor = UNKNOWN;

    /** @param saw whether old garbage is freed by young collections, a piece at a time, as G1 does */
    LiveSet(boolean saw) {
        this.saw = saw;
    }

    static LiveSet ofThisJvm() {
        return new LiveSet(ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName)
                .anyMatch(name -> name.startsWith("G1")));
    }

    /** Returns whether the event said anything of what lives. */
    boolean collected(GcEvent event, long heapMaxBytes) {
        if (!event.measured()) {
            return false;
        }
        long left = event.usedAfterBytes();
        any.add(left);
        if (event.wholeHeap()) {
            whole.add(left);
        }
        if (saw && event.wholeHeap()) {
            floor = left;
            tip = left;
            bottom = left;
        } else if (saw) {
            follow(left, Math.max(1, (long) (Math.max(0, heapMaxBytes) * TOOTH)));
        }
        return saw || event.wholeHeap();
    }

    private void follow(long left, long tooth) {
        if (tip == UNKNOWN || (left > tip && bottom == tip)) {
            tip = left;
            bottom = left;
        } else if (left < bottom) {
            bottom = left;
        } else if (tip - bottom >= tooth && left - bottom >= (tip - bottom) / 2) {
            floor = bottom;
            tips[teeth++ % TEETH] = tip;
            tip = left;
            bottom = left;
        } else if (left > tip) {
            tip = left; // the fall before was no tooth
            bottom = left;
        }
    }

    /** Returns the least upper bound of what lives, for people; {@link #UNKNOWN} before the first collection. */
    long liveBytes() {
        long bound = any.get();
        return whole.get() == UNKNOWN || (saw && floor == UNKNOWN) ? bound : Math.min(bound, whole.get());
    }

    /** Returns the bottom of the last tooth, or what the last collections of the whole heap left. */
    long floorBytes() {
        if (!saw) {
            return whole.get();
        }
        return floor == UNKNOWN ? any.get() : floor;
    }

    /** Whether {@link #floorBytes} is one; before the first tooth of a saw it only bounds it, and may rise by garbage. */
    boolean hasFloor() {
        return saw ? floor != UNKNOWN : whole.get() != UNKNOWN;
    }

    /** Returns the bytes on which a level may be built; {@link #UNKNOWN} as long as nothing is proven. */
    long provenBytes(long heapMaxBytes) {
        if (!saw) {
            return whole.get();
        }
        long low = any.get();
        if (floor == UNKNOWN || low == UNKNOWN) {
            return low;
        }
        long highest = floor;
        for (long each : tips) {
            highest = Math.max(highest, each);
        }
        boolean beyond = low > highest + (long) (Math.max(0, heapMaxBytes) * NEW_TERRITORY);
        return beyond ? low : Math.min(low, floor);
    }

    /** The least of the last three. */
    private static final class Least {
        private final long[] last = new long[READINGS];
        private long count;

        void add(long value) {
            last[(int) (count++ % READINGS)] = value;
        }

        long get() {
            long least = count == 0 ? UNKNOWN : Long.MAX_VALUE;
            for (int i = 0; i < Math.min(count, READINGS); i++) {
                least = Math.min(least, last[i]);
            }
            return least;
        }
    }
}
