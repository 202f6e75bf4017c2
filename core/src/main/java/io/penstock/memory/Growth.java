package io.penstock.memory;

import java.time.Duration;
import java.util.Arrays;

/**
 * How fast the floor of the live set rises, over ten minutes.
 *
 * <p>It compares the median of the first third of that time with that of the last: a single reading moves neither. The
 * slope of what is used would rise and fall with each collection; as a rule of alarm it cried 175 to 200 times a day on
 * healthy heaps in our simulation.
 *
 * <p>Threads: its monitor locks. Bound: {@value #POINTS} points.
 */
final class Growth {
    static final Duration SPAN = Duration.ofMinutes(10);

    /** One each 10 s fills the span. */
    private static final int POINTS = 60;

    private static final long STEP_NANOS = SPAN.toNanos() / POINTS;
    private static final int LEAST_OF_A_THIRD = 3;

    private final long[] nanos = new long[POINTS];
    private final long[] bytes = new long[POINTS];
    private final long[] sorted = new long[POINTS];
    private int size;
    private int next;

    void floor(long nowNanos, long floorBytes) {
        int last = Math.floorMod(next - 1, POINTS);
        if (size > 0 && nowNanos - nanos[last] < STEP_NANOS) {
            return;
        }
        nanos[next] = nowNanos;
        bytes[next] = floorBytes;
        next = (next + 1) % POINTS;
        size = Math.min(size + 1, POINTS);
    }

    /** Returns bytes in ten minutes, negative = it sinks, {@link Double#NaN} = too few collections to say. */
    double bytesInSpan(long nowNanos) {
        long third = SPAN.toNanos() / 3;
        double first = median(nowNanos, 2 * third, 3 * third + STEP_NANOS);
        double middle = median(nowNanos, third, 2 * third);
        double last = median(nowNanos, 0, third);
        if (Double.isNaN(first) || Double.isNaN(middle) || Double.isNaN(last)) {
            return Double.NaN;
        }
        boolean oneStep = middle < first || middle > last; // up and down again is no growth
        return oneStep && last > first ? 0 : (last - first) * 1.5; // their middles are two thirds of the span apart
    }

    private double median(long nowNanos, long youngest, long oldest) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            long age = nowNanos - nanos[i];
            if (age >= youngest && age < oldest) {
                sorted[count++] = bytes[i];
            }
        }
        if (count < LEAST_OF_A_THIRD) {
            return Double.NaN;
        }
        Arrays.sort(sorted, 0, count);
        return sorted[count / 2];
    }
}
