package io.penstock.memory.leak;

import io.penstock.memory.trend.MannKendall;
import java.util.concurrent.atomic.LongAdder;

/**
 * Opened and closed things of one kind, and how many were open over time.
 *
 * <p>Of each interval it keeps the fewest that were open, so that bursts do not count. When its {@value #POINTS} points
 * are used up, pairs become one: it remembers everything since its start, ever more coarsely, until a point stands for
 * {@value #LONGEST_POINT} looks; from then on the oldest goes. Threads: safe; {@link #look} one at a time. Bound: 0.7 KB.
 */
final class OpenCounter {
    /** Where everything beyond the bound is counted. */
    static final String OTHERS = "(others)";

    static final int POINTS = 64;

    /** At a look every 30 s, 64 points then reach back 34 hours: over a daily wave. */
    private static final int LONGEST_POINT = 64;

    /** Fewer that are open cost nothing worth a word. */
    private static final int LEAST_RISE = 16;

    private static final int LEAST_POINTS = 16;

    private final String kind;
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder lost = new LongAdder();

    // guarded by this
    private final double[] fewest = new double[POINTS];
    private int points;
    private int looksPerPoint = 1;
    private int looks;
    private double fewestNow;

    OpenCounter(String kind) {
        this.kind = kind;
    }

    void opened() {
        opened.increment();
    }

    void closed() {
        closed.increment();
    }

    void lost() {
        lost.increment();
    }

    synchronized void look() {
        double open = Math.max(0, opened.sum() - closed.sum());
        fewestNow = looks == 0 ? open : Math.min(fewestNow, open);
        if (++looks < looksPerPoint) {
            return;
        }
        looks = 0;
        if (points == POINTS) {
            makeRoom();
        }
        fewest[points++] = fewestNow;
    }

    private void makeRoom() {
        if (looksPerPoint >= LONGEST_POINT) {
            System.arraycopy(fewest, 1, fewest, 0, POINTS - 1);
            points--;
            return;
        }
        for (int i = 0; i < POINTS / 2; i++) {
            fewest[i] = Math.min(fewest[2 * i], fewest[2 * i + 1]);
        }
        points = POINTS / 2;
        looksPerPoint *= 2;
    }

    /** Tells whether the fewest that were open rise beyond chance, in both halves, and have doubled. */
    private boolean growing() {
        if (points < LEAST_POINTS || MannKendall.z(fewest, 0, points) <= 3) {
            return false;
        }
        double first = fewest[0];
        double middle = fewest[points / 2];
        double last = fewest[points - 1];
        double rise = last - first;
        return rise >= LEAST_RISE && rise >= first && middle - first >= rise / 4 && last - middle >= rise / 3;
    }

    synchronized OpenCount count() {
        long closedFirst = closed.sum(); // in this order nothing is closed that was not opened
        return new OpenCount(kind, opened.sum(), closedFirst, lost.sum(), growing());
    }
}
