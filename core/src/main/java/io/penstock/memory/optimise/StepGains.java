package io.penstock.memory.optimise;

import java.util.HashMap;
import java.util.Map;

/**
 * Remembers which steps gave nothing lately, so that they are left out for a while.
 *
 * <p>Bound: one small entry a contributed step. Threads: safe.
 */
final class StepGains {
    /** In a row; one or two happen to a cache that is cold. */
    static final int FRUITLESS = 3;

    /** So many runs later a step gets another chance: what it holds may have grown. */
    static final int LEFT_OUT = 8;

    private static final class Entry {
        int fruitless;
        int leftOut;
    }

    private final Map<String, Entry> entries = new HashMap<>();

    /** Tells whether to leave the step out of this run, and counts it as left out if so. */
    synchronized boolean leavesOut(String step) {
        Entry entry = entries.get(step);
        if (entry == null || entry.fruitless < FRUITLESS) {
            return false;
        }
        if (entry.leftOut >= LEFT_OUT) {
            entry.leftOut = 0;
            return false;
        }
        entry.leftOut++;
        return true;
    }

    /** Learns what a step gave, in bytes. */
    synchronized void gave(String step, long bytes) {
        Entry entry = entries.computeIfAbsent(step, name -> new Entry());
        entry.fruitless = bytes > 0 ? 0 : entry.fruitless + 1;
    }

    synchronized void forget(String step) {
        entries.remove(step);
    }
}
