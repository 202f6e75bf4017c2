package io.penstock.memory.gc;

/**
 * The end of one collection, as its collector told it.
 *
 * @param collector the name of the collector's bean, such as {@code G1 Young Generation}
 * @param cause why it ran, such as {@code G1 Evacuation Pause} or {@code System.gc()}
 * @param wholeHeap whether it looked at the old objects too, so that {@code usedAfterBytes} holds little garbage
 * @param concurrent whether the program ran meanwhile; its length is then no pause
 * @param usedBeforeBytes bytes in all heap pools when it began, or {@link #UNKNOWN}
 * @param usedAfterBytes bytes in all heap pools when it ended, an upper bound of the live set, or {@link #UNKNOWN}
 * @param durationMillis how long it took, by the collector's own clock
 * @param number counts the collections of this collector from 1
 * @param largeBytes bytes that arrays too large for the young took in the old generation since the collection before,
 *     whole regions each; only G1's are known, 0 with others
 * @param survivedBytes bytes that it left in the young generation, or {@link #UNKNOWN} where there is none that is emptied
 * @param promotedBytes bytes by which it made the old generation grow; below 0 if it freed more there than it moved there
 */
public record GcEvent(
        String collector,
        String cause,
        boolean wholeHeap,
        boolean concurrent,
        long usedBeforeBytes,
        long usedAfterBytes,
        long durationMillis,
        long number,
        long largeBytes,
        long survivedBytes,
        long promotedBytes) {
    /** Some collectors tell their pauses by a bean of its own, which knows nothing of memory. */
    public static final long UNKNOWN = -1;

    /** One without large arrays, of a collector that does not tell young from old. */
    public GcEvent(
            String collector,
            String cause,
            boolean wholeHeap,
            boolean concurrent,
            long usedBeforeBytes,
            long usedAfterBytes,
            long durationMillis,
            long number) {
        this(
                collector,
                cause,
                wholeHeap,
                concurrent,
                usedBeforeBytes,
                usedAfterBytes,
                durationMillis,
                number,
                0,
                UNKNOWN,
                0);
    }

    /** Tells whether it says what was in use: only then it says anything of the live set. */
    public boolean measured() {
        return usedAfterBytes != UNKNOWN;
    }

    /** Returns what the program waited for it. */
    public long pauseMillis() {
        return concurrent ? 0 : durationMillis;
    }
}
