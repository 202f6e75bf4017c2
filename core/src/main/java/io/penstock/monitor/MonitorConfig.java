package io.penstock.monitor;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, how often, and what it may weigh.
 *
 * @param enabled false = nothing is measured and nothing kept
 * @param performance between two looks at the process, 1 s to 1 h, as all intervals
 * @param queue between two looks at the queues and at Redis
 * @param memory between two looks at the memory governor's last sample
 * @param system between two looks at the machine
 * @param maxBytes of all histories, {@value #LEAST_BYTES} to {@value #MOST_BYTES}; decides how many queues have one
 * @param history false = the latest numbers only
 * @param dataDir whose disk is watched, null = none is
 */
public record MonitorConfig(
        boolean enabled,
        Duration performance,
        Duration queue,
        Duration memory,
        Duration system,
        long maxBytes,
        boolean history,
        @Nullable Path dataDir) {
    /** Holds the process, its machine and a queue or two. */
    public static final long LEAST_BYTES = 1 << 20;

    /** Some 250 queues; whoever has more wants a system made for that, fed by the meters. */
    public static final long MOST_BYTES = 64 << 20;

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    /** Every 10 s for what moves quickly, 30 s for memory, 60 s for the machine; 2 MB. */
    public static final MonitorConfig DEFAULT = new MonitorConfig(
            true,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            2 << 20,
            true,
            null);

    public MonitorConfig {
        check("performance", performance);
        check("queue", queue);
        check("memory", memory);
        check("system", system);
        if (maxBytes < LEAST_BYTES || maxBytes > MOST_BYTES) {
            throw new IllegalArgumentException("monitoring in " + maxBytes + " bytes was not set up: it needs "
                    + LEAST_BYTES + " to " + MOST_BYTES + "; nothing is measured; set maxBytes within");
        }
    }

    private static void check(String name, Duration interval) {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("monitoring of " + name + " each " + interval
                    + " was not set up: the interval must be " + SHORTEST + " to " + LONGEST
                    + "; nothing is measured; set it within");
        }
    }

    /** Returns this with the disk of another directory. */
    public MonitorConfig dataDir(Path other) {
        return new MonitorConfig(enabled, performance, queue, memory, system, maxBytes, history, other);
    }

    /** Returns this for measuring nothing. */
    public MonitorConfig off() {
        return new MonitorConfig(false, performance, queue, memory, system, maxBytes, history, dataDir);
    }
}
