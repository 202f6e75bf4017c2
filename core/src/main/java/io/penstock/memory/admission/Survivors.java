package io.penstock.memory.admission;

import io.penstock.memory.gc.GcEvent;

/**
 * What running jobs can hold at most, told by age: what lies in the old generation since before the oldest of them began
 * is not theirs.
 *
 * <p>What a young collection leaves is mostly old garbage where jobs drop much of what they allocate, and taken for theirs
 * it made them dear: jobs that allocate ten times what they hold ran at half the pace that the heap allows. All
 * that is alive of running jobs is in the survivors or was moved to the old generation since they began.
 *
 * <p>Threads: guarded by the load line.
 */
final class Survivors {
    static final long UNKNOWN = -1;

    /** So many collections tell how much one that frees old regions besides may have moved. */
    private static final int RECENT = 8;

    private final long[] recent = new long[RECENT];
    private int seen;
    private long moved;
    private long survived = UNKNOWN;

    /** Bytes that have come into the old generation so far; it only grows. */
    long moved() {
        return moved;
    }

    void collected(GcEvent event) {
        survived = event.survivedBytes();
        if (survived == UNKNOWN) {
            return;
        }
        moved += event.largeBytes();
        if (event.wholeHeap()) {
            moved += event.usedAfterBytes(); // all that is left may have been moved
        } else if (event.promotedBytes() < 0) {
            moved += usual(); // what it moved is hidden by what it freed
        } else {
            moved += event.promotedBytes();
            recent[seen++ % RECENT] = event.promotedBytes();
        }
    }

    private long usual() {
        long sum = 0;
        for (long each : recent) {
            sum += each;
        }
        return sum / Math.max(1, Math.min(seen, RECENT));
    }

    /**
     * Returns what jobs can hold of which the oldest began when {@link #moved} was this, or {@link #UNKNOWN} if the
     * collector does not tell young from old.
     */
    long most(long movedBefore) {
        return survived == UNKNOWN ? UNKNOWN : survived + moved - movedBefore;
    }
}
