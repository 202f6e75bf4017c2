package io.penstock.memory.optimise;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * Spaces automatic runs: a fixed wait while they help, a doubling one when they do not.
 *
 * <p>A field report told of a run every 30 s that freed 1.5 to 6.5 MB each time. Here a run that gives less than 1 % of the
 * heap is useless, and from the second in a row on each makes the wait twice as long, up to two hours. A run that helps, or a
 * live set that has grown since, brings the plain wait back.
 *
 * <p>Threads: safe.
 */
final class Restraint {
    /** A person who presses the button twice wants one run. */
    static final Duration MANUAL_WAIT = Duration.ofSeconds(10);

    static final Duration LONGEST_WAIT = Duration.ofHours(2);

    /** Share of the heap's maximum: less is within the noise of two collections under load. */
    static final double USEFUL_SHARE = 0.01;

    /** Share of the heap's maximum by which the live set must have grown to be a new situation. */
    private static final double NEW_SITUATION_SHARE = 0.05;

    private final Map<Trigger, Long> ended = new EnumMap<>(Trigger.class); // nanos
    private int useless; // in a row
    private long liveThen = Gauge.UNKNOWN;

    /** Returns how long this trigger has still to wait; zero = not at all. */
    synchronized Duration left(Trigger trigger, Duration cooldown, Optimisation.Reading now, long nowNanos) {
        if (useless > 1 && isNew(now)) {
            useless = 0;
        }
        Duration wait = trigger.automatic() ? spacing(cooldown) : MANUAL_WAIT;
        long left = 0;
        for (Map.Entry<Trigger, Long> run : ended.entrySet()) {
            if (holdsBack(run.getKey(), trigger)) {
                left = Math.max(left, run.getValue() + wait.toNanos() - nowNanos);
            }
        }
        return Duration.ofNanos(left);
    }

    /** An emergency waits for the last emergency only; the others wait for any that nobody asked for. */
    private static boolean holdsBack(Trigger earlier, Trigger later) {
        return earlier == later || (later.automatic() && later != Trigger.EMERGENCY && earlier.automatic());
    }

    private boolean isNew(Optimisation.Reading now) {
        return liveThen >= 0 && now.liveSetBytes() - liveThen > NEW_SITUATION_SHARE * now.maxBytes();
    }

    /** Returns the wait between two automatic runs of one trigger as of now. */
    synchronized Duration spacing(Duration cooldown) {
        Duration wait = cooldown;
        for (int i = 1; i < useless && wait.compareTo(LONGEST_WAIT) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(LONGEST_WAIT) > 0 && cooldown.compareTo(LONGEST_WAIT) < 0 ? LONGEST_WAIT : wait;
    }

    /** Tells whether the last two runs were not both useless. */
    synchronized boolean helping() {
        return useless < 2;
    }

    /** Learns from a run. What a person asked for is no reason to wait longer; if it helped, others may too. */
    synchronized void ended(Optimisation run, long nowNanos) {
        ended.put(run.trigger(), nowNanos);
        if (useful(run)) {
            useless = 0;
        } else if (run.trigger().automatic()) {
            useless++;
            liveThen = run.after().liveSetBytes();
        }
    }

    static boolean useful(Optimisation run) {
        return run.gainBytes() >= Math.max(1, USEFUL_SHARE * run.after().maxBytes());
    }

    /** Returns what a person should know; empty if nothing. */
    synchronized String advice(Duration cooldown) {
        return useless < 2
                ? ""
                : "The last " + useless
                        + " automatic runs gave less than 1 % of the heap each, as far as it was measured: what is in use is"
                        + " needed."
                        + " The next one comes after " + Texts.span(spacing(cooldown))
                        + " at the earliest; give the process more memory, or less work.";
    }
}
