package io.penstock.memory.admission;

/**
 * How much of the line is used: slow at the start, less under pressure, all of it in calm.
 *
 * <p>Threads: guarded by the load line.
 */
final class Throttle {
    /** The first 200 ms decide: before anything is learned a third of the line must do. */
    private static final double START = 0.35;

    private static final double LEAST = 0.1;
    private static final double SLOW_START = 0.05;

    /** A run that ended: some twenty of them are as good as the collections that they would have caused. */
    private static final double RUN = 0.03;

    private static final double CALM = 0.01;
    /** What ran short has been learned from by then, so most of the way back is quick. */
    private static final double RECOVERY = 0.1;

    private static final double PRESSURE = 0.8;
    private static final double OUT_OF_MEMORY = 0.5;

    /** What a collection leaves above this share of the heap is pressure. */
    private static final double FULL = 0.9;

    /** A collection of the young leaves old garbage: up to 96 % were seen with half of the heap alive. */
    private static final double YOUNG_FULL = 0.97;

    private static final long WINDOW_NANOS = 500_000_000;
    private static final long SPACING_NANOS = 100_000_000;

    private final boolean concurrent;
    private double share = START;
    private boolean starting = true;
    private boolean ended; // a run, since the last collection that counted
    private boolean begun; // a run, ever
    private long windowNanos;
    private long pausedMillis;
    private long pausedBefore;
    private long eased;

    /** @param concurrent whether collections before the first run say nothing, because the collector makes many of them */
    Throttle(boolean concurrent, long nowNanos) {
        this.concurrent = concurrent;
        windowNanos = nowNanos;
        eased = nowNanos - SPACING_NANOS;
    }

    double share() {
        return share;
    }

    /** A collection of the whole heap, or of the young, has ended and left so much of the heap. */
    void collected(double leftShare, boolean wholeHeap, long pauseMillis, long nowNanos) {
        roll(nowNanos);
        pausedMillis += pauseMillis;
        long span = nowNanos - windowNanos + WINDOW_NANOS;
        boolean busy = (pausedMillis + pausedBefore) * 1_000_000.0 > span * 0.5 && pausedMillis + pausedBefore > 200;
        if (leftShare > (wholeHeap ? FULL : YOUNG_FULL) || busy) {
            pressed(nowNanos);
        } else if (starting) {
            // concurrent collectors collect often while the program begins, and the slow start was over before any run
            share = ended || (begun && !concurrent) ? Math.min(1, share + SLOW_START) : share;
            starting = share < 1;
            ended = false;
        } else {
            share = Math.min(1, share + Math.max(CALM, (1 - share) * RECOVERY));
        }
    }

    /**
     * A run has begun: neither time nor collections say anything of jobs before that. A JVM on a busy machine took 2.7 s to
     * get to its first job, and by then the slow start was over and 32 jobs were let in where 8 fit.
     */
    void begun() {
        begun = true;
    }

    /** A run has ended: what the next collection tells is about jobs. */
    void ended() {
        ended = true;
        begun = true;
        if (starting && concurrent) {
            share = Math.min(1, share + RUN);
            starting = share < 1;
        }
    }

    private void roll(long nowNanos) {
        if (nowNanos - windowNanos >= WINDOW_NANOS) {
            pausedBefore = nowNanos - windowNanos < 2 * WINDOW_NANOS ? pausedMillis : 0;
            pausedMillis = 0;
            windowNanos = nowNanos;
        }
    }

    /** Backs off, at most ten times a second: the collections of one breath are one piece of news. */
    void pressed(long nowNanos) {
        if (nowNanos - eased >= SPACING_NANOS) {
            eased = nowNanos;
            starting = false;
            share = Math.max(LEAST, share * PRESSURE);
        }
    }

    void outOfMemory(long nowNanos) {
        eased = nowNanos;
        starting = false;
        share = Math.max(LEAST, share * OUT_OF_MEMORY);
    }

    /** So long without a collection that nothing can be wrong with using more. */
    void quiet(long nowNanos) {
        if (begun && nowNanos - eased >= WINDOW_NANOS) {
            share = Math.min(1, share + SLOW_START);
        }
    }
}
