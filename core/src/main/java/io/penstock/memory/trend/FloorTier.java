package io.penstock.memory.trend;

/**
 * The last {@value #POINTS} floors at one resolution: a ring, and the group that is still being gathered for the next
 * coarser one.
 *
 * <p>Bound: 1.5 KB. Threads: one.
 */
final class FloorTier {
    static final int POINTS = 64;

    /** How many floors become one of the next tier: windows of 16, 32 and 64 points then leave no gap between tiers. */
    static final int GROUP = 4;

    private final long[] nanos = new long[POINTS];
    private final long[] floors = new long[POINTS];
    private final double[] loads = new double[POINTS];
    private long added;

    private int gathered;
    private long lowest;
    private long lowestNanos;
    private double loadSum;

    /** Adds a floor; true = {@link #lowest} and its kin are a point of the next tier. */
    boolean add(long atNanos, long floor, double load) {
        int slot = (int) (added++ % POINTS);
        nanos[slot] = atNanos;
        floors[slot] = floor;
        loads[slot] = load;
        if (gathered == GROUP) {
            gathered = 0;
        }
        if (gathered == 0 || floor < lowest) {
            lowest = floor;
            lowestNanos = atNanos;
        }
        loadSum = gathered == 0 ? load : loadSum + load;
        return ++gathered == GROUP;
    }

    int size() {
        return (int) Math.min(added, POINTS);
    }

    private int slot(int index) {
        return (int) ((added - size() + index) % POINTS);
    }

    /** @param index 0 = the oldest that is kept */
    long nanos(int index) {
        return nanos[slot(index)];
    }

    long floor(int index) {
        return floors[slot(index)];
    }

    double load(int index) {
        return loads[slot(index)];
    }

    long lowest() {
        return lowest;
    }

    long lowestNanos() {
        return lowestNanos;
    }

    double meanLoad() {
        return loadSum / gathered;
    }
}
