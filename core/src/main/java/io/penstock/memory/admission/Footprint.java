package io.penstock.memory.admission;

import java.util.Arrays;

/**
 * What runs of one type allocate, learned from the last {@value #WINDOW} measured ones.
 *
 * <p>Two guesses are kept: bytes a run, and bytes for each byte of its payload. The one that scatters less is used, so
 * a type whose need follows its payload and one whose payload is only an address are both foreseen.
 *
 * <p>A type that has not been seen is taken to be large: its first jobs cost a share of the whole line, halved with each
 * run that ends and each look at running ones. Threads: guarded by the load line.
 */
final class Footprint {
    static final int WINDOW = 64;

    /** Before the first measured run: what decoding JSON into objects commonly takes. */
    private static final double FIRST_RATIO = 3;

    /** A twelfth of the line at first, after 10 halvings a few KiB. */
    private static final int PROOFS = 10;

    /**
     * Looks, four a second, that prove something while no run of the type has ended: a JVM on a busy machine was seen to
     * take 1.5 s until its first job did anything, and by then six looks had made an unknown type cheap: 23 of its jobs
     * had been admitted where 10 fit.
     */
    private static final int LOOKS_UNSEEN = 4;

    /** More than the most that was ever seen, by so much, says that the type has changed: then the window is old news. */
    private static final double NEWS = 1.1;

    /** What such a run may still come to, while it goes on. */
    private static final double GROWING = 1.5;

    /** So many runs a change is remembered, whatever the window says: by then it says it itself. */
    private static final int ALARMED = 16;

    final String name;
    private final float[] bytes = new float[WINDOW];
    private final float[] ratios = new float[WINDOW];
    private final float[] sorted = new float[WINDOW];
    private long runs;
    private int proofs;
    private long lastLook = -1;
    private boolean ended;
    private float highBytes;
    private float highRatio = (float) FIRST_RATIO;
    private float mostBytes;
    private float mostRatio;
    private double meanBytes;
    private double meanRatio;
    private double deviationBytes;
    private double deviationRatio;
    private float alarmBytes;
    private float alarmRatio;
    private long alarmUntil;
    private float bytesScatter = Float.MAX_VALUE;
    private float ratioScatter = 1;
    long lastCost;

    // of the old generation, while it is shared out
    double shares;
    long moved;

    // of direct buffers, see there
    double directBytes;
    int begun;
    int runningBefore; // when the first of those began
    int running;

    Footprint(String name) {
        this.name = name;
    }

    /** Takes in a run that ended, or is so far already above what was foreseen. */
    void ran(long allocated, long payload) {
        ended = true;
        alarm(allocated, payload, 1);
        int at = (int) (runs % WINDOW);
        bytes[at] = allocated;
        ratios[at] = (float) allocated / Math.max(1, payload);
        runs++;
        proofs = Math.min(PROOFS, proofs + 1);
        if (runs <= 8 || runs % 8 == 0 || allocated > foreseen(payload)) {
            learn();
        }
    }

    private void learn() {
        int count = (int) Math.min(runs, WINDOW);
        highBytes = high(bytes, count);
        mostBytes = sorted[count - 1];
        bytesScatter = scatter(count);
        meanBytes = mean(bytes, count);
        deviationBytes = deviation(bytes, count, meanBytes);
        highRatio = high(ratios, count);
        mostRatio = sorted[count - 1];
        ratioScatter = scatter(count);
        meanRatio = mean(ratios, count);
        deviationRatio = deviation(ratios, count, meanRatio);
        if (runs < alarmUntil) {
            highBytes = Math.max(highBytes, alarmBytes);
            highRatio = Math.max(highRatio, alarmRatio);
        }
    }

    /** The 95th percentile, of few values the greatest. */
    private float high(float[] values, int count) {
        System.arraycopy(values, 0, sorted, 0, count);
        Arrays.sort(sorted, 0, count);
        return sorted[Math.min(count - 1, count * 95 / 100)];
    }

    /** Of the values sorted last. */
    private float scatter(int count) {
        return sorted[Math.min(count - 1, count * 95 / 100)] / Math.max(1e-6f, sorted[count / 4]);
    }

    /** The mean of all, or of the latest if that is more: a type that has changed is not what it was. */
    private double mean(float[] values, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += values[i];
        }
        int latest = Math.min(count, ALARMED);
        double late = 0;
        for (int back = 1; back <= latest; back++) {
            late += values[(int) ((runs - back) % WINDOW)];
        }
        return Math.max(sum / count, late / latest);
    }

    private static double deviation(float[] values, int count, double mean) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (values[i] - mean) * (values[i] - mean);
        }
        return Math.sqrt(sum / count);
    }

    /** A run has ended that nobody could measure. */
    void ranUnmeasured(long look) {
        ended = true;
        proven(look, true);
    }

    /** A run that goes on has been looked at. */
    void seen(long allocated, long payload) {
        if (allocated > foreseen(payload)) {
            alarm(allocated, payload, GROWING);
            highBytes = Math.max(highBytes, (float) allocated);
            highRatio = Math.max(highRatio, (float) allocated / Math.max(1, payload));
        }
    }

    /** Takes note if a type that is known does what it never did. */
    private void alarm(long allocated, long payload, double factor) {
        float ratio = (float) allocated / Math.max(1, payload);
        boolean news = byBytes() ? allocated > mostBytes * NEWS : ratio > mostRatio * NEWS;
        if (news && foreseeable()) {
            boolean again = runs < alarmUntil;
            alarmBytes = Math.max(again ? alarmBytes : 0, (float) (allocated * factor));
            alarmRatio = Math.max(again ? alarmRatio : 0, (float) (ratio * factor));
            alarmUntil = runs + ALARMED;
            highBytes = Math.max(highBytes, alarmBytes);
            highRatio = Math.max(highRatio, alarmRatio);
        }
    }

    /**
     * A job of the type has been looked at once more; several of them in one look prove no more than one.
     *
     * @param begun whether a thread runs it: time says nothing of one that was only let in
     */
    void proven(long look, boolean begun) {
        if (!ended && !begun) {
            return;
        }
        if (lastLook < 0) {
            lastLook = look; // the first look finds them just begun
        } else if (look - lastLook >= (ended ? 1 : LOOKS_UNSEEN)) {
            lastLook = look;
            proofs = Math.min(PROOFS, proofs + 1);
        }
    }

    /** Bytes that hardly a run with this payload will allocate more of besides it. */
    long foreseen(long payload) {
        if (runs == 0) {
            return Math.max((long) highBytes, (long) (payload * (double) highRatio));
        }
        return byBytes() ? (long) highBytes : (long) (payload * (double) highRatio);
    }

    /** Bytes that such a run allocates in the mean; of a type that is new or has just changed the same as foreseen. */
    long likely(long payload) {
        if (!settled()) {
            return foreseen(payload);
        }
        return byBytes() ? (long) meanBytes : (long) (payload * meanRatio);
    }

    /** The standard deviation of that; 0 where nothing but what is foreseen counts. */
    double deviation(long payload) {
        if (!settled()) {
            return 0;
        }
        return byBytes() ? deviationBytes : payload * deviationRatio;
    }

    private boolean settled() {
        return foreseeable() && runs >= alarmUntil;
    }

    private boolean byBytes() {
        return bytesScatter <= ratioScatter;
    }

    /** Returns the least that a job costs while the type is not known well. */
    long suspicion(long lineBytes) {
        return proofs >= PROOFS ? 0 : lineBytes / 12 >> proofs;
    }

    /** Whether a run that goes on can be told from one that has allocated what it ever will. */
    boolean foreseeable() {
        return runs >= WINDOW / 8 && proofs >= PROOFS;
    }

    boolean known() {
        return runs >= WINDOW && proofs >= PROOFS;
    }

    LoadLineStats.TypeCost stats() {
        return new LoadLineStats.TypeCost(name, runs, (long) highBytes, highRatio, lastCost);
    }
}
