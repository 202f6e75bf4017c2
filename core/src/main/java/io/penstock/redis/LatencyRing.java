package io.penstock.redis;

import io.penstock.redis.LatencyStats.Look;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The looks of the last hour. Bound: {@value #LOOKS} of 20 bytes, 7 KB. Threads: safe. */
final class LatencyRing {
    /** An hour of looks every ten seconds. */
    static final int LOOKS = 360;

    private static final int FIGURES = 3;

    private final long[] millis = new long[LOOKS];
    private final float[] figures = new float[LOOKS * FIGURES];
    private long written;

    synchronized void add(long atMillis, double mean, double p99, double max) {
        int place = (int) (written++ % LOOKS);
        millis[place] = atMillis;
        figures[place * FIGURES] = (float) mean;
        figures[place * FIGURES + 1] = (float) p99;
        figures[place * FIGURES + 2] = (float) max;
    }

    /** The oldest first. */
    synchronized List<Look> looks() {
        List<Look> looks = new ArrayList<>();
        for (long i = Math.max(0, written - LOOKS); i < written; i++) {
            int place = (int) (i % LOOKS);
            looks.add(new Look(
                    Instant.ofEpochMilli(millis[place]),
                    figures[place * FIGURES],
                    figures[place * FIGURES + 1],
                    figures[place * FIGURES + 2]));
        }
        return looks;
    }
}
