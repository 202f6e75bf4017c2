package io.penstock.memory.optimise;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The last reports and the sums of all.
 *
 * <p>Bound: {@value #MOST} reports of {@value #MOST_BYTES} bytes together; the oldest go first. Threads: safe.
 */
final class Records {
    static final int MOST = 1_000;

    /** 1,000 reports of five steps without errors. */
    static final int MOST_BYTES = 1 << 20;

    private final Deque<Optimisation> reports = new ArrayDeque<>(); // newest first
    private final Map<String, long[]> gains = new HashMap<>(); // by strategy: runs, useful, freed, returned, millis
    private int bytes;
    private long runs;
    private long successful;
    private long useful;
    private long refused;
    private long freedBytes;
    private long returnedBytes;

    synchronized void add(Optimisation run) {
        reports.addFirst(run);
        bytes += run.weightBytes();
        while (reports.size() > MOST || bytes > MOST_BYTES) {
            bytes -= reports.removeLast().weightBytes();
        }
        boolean helped = Restraint.useful(run);
        runs++;
        successful += run.success() ? 1 : 0;
        useful += helped ? 1 : 0;
        freedBytes += run.freedBytes();
        returnedBytes += run.rssReturnedBytes();
        long[] gain = gains.computeIfAbsent(run.strategy(), name -> new long[5]);
        gain[0]++;
        gain[1] += helped ? 1 : 0;
        gain[2] += run.freedBytes();
        gain[3] += run.rssReturnedBytes();
        gain[4] += run.durationMillis();
    }

    synchronized void refused() {
        refused++;
    }

    /** Returns the newest reports, newest first. */
    synchronized List<Optimisation> latest(int most) {
        return reports.stream().limit(Math.max(0, most)).toList();
    }

    /** Tells whether the last run of this strategy gave next to nothing. */
    synchronized boolean lastWasUseless(String strategy) {
        return reports.stream()
                .filter(run -> run.strategy().equals(strategy))
                .findFirst()
                .map(run -> !Restraint.useful(run))
                .orElse(false);
    }

    synchronized OptimiserStats stats(int hanging, boolean helping, Duration spacing, String advice) {
        List<OptimiserStats.Gain> each = new ArrayList<>();
        gains.forEach((name, g) -> each.add(new OptimiserStats.Gain(name, g[0], g[1], g[2], g[3], g[4])));
        return new OptimiserStats(
                runs, successful, useful, refused, freedBytes, returnedBytes, hanging, helping, spacing, advice, each);
    }

    synchronized int bytes() {
        return bytes;
    }
}
