package io.penstock.memory.admission;

import io.penstock.memory.gc.GcEvent;

/**
 * What a collection found alive and young: what it left in the survivors, and what it moved to the old generation.
 *
 * <p>All that running jobs hold is among the survivors or was moved while they ran. What lies in the old generation
 * besides is not theirs, and most of it is garbage where jobs drop much of what they allocate.
 *
 * <p>Threads: guarded by the load line.
 */
final class Survivors {
    static final long UNKNOWN = -1;

    /** So many collections tell how much one that frees old regions besides may have moved. */
    private static final int RECENT = 8;

    private final long[] recent = new long[RECENT];
    private int seen;
    private long survived = UNKNOWN;
    private long newborn;

    /** Returns the bytes that came into the old generation with this collection and since the one before. */
    long moved(GcEvent event) {
        long before = Math.max(0, survived);
        survived = event.survivedBytes();
        newborn = 0;
        if (survived == UNKNOWN) {
            return 0;
        }
        if (event.wholeHeap()) {
            return event.usedAfterBytes(); // all that is left may have been moved
        }
        if (event.promotedBytes() < 0) {
            return event.largeBytes() + usual(); // what it moved is hidden by what it freed
        }
        recent[seen++ % RECENT] = event.promotedBytes();
        newborn = survived + event.promotedBytes() - before;
        return event.largeBytes() + event.promotedBytes();
    }

    /** Returns how much is alive at least of what was allocated since the collection before; 0 = not known. */
    long newborn() {
        return newborn;
    }

    private long usual() {
        long sum = 0;
        for (long each : recent) {
            sum += each;
        }
        return sum / Math.max(1, Math.min(seen, RECENT));
    }

    /** Returns what the last collection left among the young, or {@link #UNKNOWN} if its collector does not tell. */
    long survived() {
        return survived;
    }
}
