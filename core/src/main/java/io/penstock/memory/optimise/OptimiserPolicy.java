package io.penstock.memory.optimise;

import java.time.Duration;

/**
 * When the optimiser runs by itself, and how long it may take. Can be exchanged while it runs.
 *
 * @param enabled whether there are runs at all
 * @param autoOptimization whether there are runs that nobody asked for
 * @param threshold the live set (not what is used) in percent of the heap's maximum, and the resident memory in percent
 *     of {@code maxRssBytes}, at which a run is worth trying; 20 to 95
 * @param interval between two looks at the threshold; 100 ms to 1 h. A look costs microseconds and is no run
 * @param maxHeapBytes what counts as the heap's maximum; 0 = what the JVM was given
 * @param maxRssBytes what counts as the maximum of resident memory; 0 = resident memory is no reason to run
 * @param cooldown between two runs of one automatic trigger, at least; 1 s to 24 h
 * @param stepDeadline after which a step is given up; 10 ms to 10 min
 * @param runDeadline after which no further step is begun; at least one step's
 * @param checkWithin how long a run waits for a collection to measure by; 0 to 10 min
 */
public record OptimiserPolicy(
        boolean enabled,
        boolean autoOptimization,
        int threshold,
        Duration interval,
        long maxHeapBytes,
        long maxRssBytes,
        Duration cooldown,
        Duration stepDeadline,
        Duration runDeadline,
        Duration checkWithin) {
    /** The field reports ask for a run every 5 to 10 minutes instead of every 30 s. */
    private static final Duration COOLDOWN = Duration.ofMinutes(5);

    private static final Duration STEP = Duration.ofSeconds(5);
    private static final Duration RUN = Duration.ofSeconds(60);

    /** A busy heap is collected within seconds; an idle one has nobody who waits for the report. */
    private static final Duration CHECK = Duration.ofSeconds(10);

    public OptimiserPolicy {
        between("threshold", threshold, 20, 95, " (percent)");
        between("interval", interval, Duration.ofMillis(100), Duration.ofHours(1));
        between("maxHeapBytes", maxHeapBytes, 0, Long.MAX_VALUE, " (0 = what the JVM was given)");
        between("maxRssBytes", maxRssBytes, 0, Long.MAX_VALUE, " (0 = no limit)");
        between("cooldown", cooldown, Duration.ofSeconds(1), Duration.ofHours(24));
        between("stepDeadline", stepDeadline, Duration.ofMillis(10), Duration.ofMinutes(10));
        between("runDeadline", runDeadline, stepDeadline, Duration.ofHours(1));
        between("checkWithin", checkWithin, Duration.ZERO, Duration.ofMinutes(10));
    }

    /** Returns on, automatic, 80 %, 30 s, the limits of the JVM. */
    public static OptimiserPolicy defaults() {
        return of(true, true, 80, Duration.ofSeconds(30), 0, 0);
    }

    /** Returns the settings that have names outside, and defaults for the others. */
    public static OptimiserPolicy of(
            boolean enabled, boolean auto, int threshold, Duration interval, long maxHeapBytes, long maxRssBytes) {
        return new OptimiserPolicy(
                enabled, auto, threshold, interval, maxHeapBytes, maxRssBytes, COOLDOWN, STEP, RUN, CHECK);
    }

    private static void between(String key, long value, long least, long most, String unit) {
        if (value < least || value > most) {
            throw illegal(key, value, least + " to " + most + unit);
        }
    }

    private static void between(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw illegal(key, value, least + " to " + most);
        }
    }

    private static IllegalArgumentException illegal(String key, Object value, String legal) {
        return new IllegalArgumentException("memory optimisation: " + key + " is " + value + ", legal is " + legal
                + "; the policy stays as it was; give a value within that");
    }
}
