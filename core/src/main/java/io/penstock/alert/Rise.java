package io.penstock.alert;

import java.util.Arrays;

/**
 * How much a value has risen above its least of the last ten minutes.
 *
 * <p>The least and not the oldest: a counter that begins anew, or dead letters that somebody deletes, are no rise, and
 * what comes after them is. Ten least values, one a minute: 104 bytes.
 */
final class Rise {
    private static final int MINUTES = 10;
    private static final long MINUTE = 60_000;

    private final double[] least = new double[MINUTES + 1];
    private long minute = Long.MIN_VALUE;
    private long first = Long.MIN_VALUE;

    Rise() {
        Arrays.fill(least, Double.POSITIVE_INFINITY);
    }

    /**
     * Takes a value into account and returns the rise; NaN = it has not risen since the first look, and that was less
     * than ten minutes ago, so nobody knows.
     */
    double look(double value, long nowMillis) {
        long now = Math.floorDiv(nowMillis, MINUTE);
        if (minute == Long.MIN_VALUE) {
            minute = now;
            first = now;
        }
        for (long m = Math.max(minute + 1, now - MINUTES); m <= now; m++) {
            least[slot(m)] = Double.POSITIVE_INFINITY;
        }
        minute = Math.max(minute, now);
        int here = slot(minute);
        least[here] = Math.min(least[here], value);
        double rise = value - Arrays.stream(least).min().orElse(value);
        return rise > 0 || minute - first >= MINUTES ? rise : Double.NaN;
    }

    private static int slot(long minute) {
        return (int) Math.floorMod(minute, (long) (MINUTES + 1));
    }
}
