package io.penstock.memory;

/**
 * When memory is looked at and from where on it is too much; replaceable at run time.
 *
 * <p>Levels are percent of pressure, which is the worst of several shares of what there may be at most; see
 * {@link Pressure}. They must rise: watch, threshold, critical, emergency.
 *
 * @param enabled false = nothing is sampled and no event is told
 * @param intervalMs between two samples while all is well, 100 to 3,600,000; shorter as the level rises
 * @param watch percent, from which it samples more often
 * @param threshold percent, from which the level is HIGH and an alarm is due
 * @param critical percent
 * @param emergency percent, at most 99
 * @param maxHeapSizeMB budget of the heap; 0 = what the JVM was given
 * @param maxRSSSizeMB budget of the whole process; 0 = 90 % of the container's limit, none without such
 */
public record MemoryConfig(
        boolean enabled,
        long intervalMs,
        int watch,
        int threshold,
        int critical,
        int emergency,
        long maxHeapSizeMB,
        long maxRSSSizeMB) {
    /** Sampled each 30 s, alarm at 80 %, budgets by what the JVM and the container say. */
    public static final MemoryConfig DEFAULT = new MemoryConfig(true, 30_000, 70, 80, 90, 95, 0, 0);

    private static final long SHORTEST_INTERVAL = 100;
    private static final long LONGEST_INTERVAL = 3_600_000;
    private static final int LOWEST_THRESHOLD = 20;
    private static final int HIGHEST_THRESHOLD = 95;
    private static final int HIGHEST_LEVEL = 99;
    private static final long SMALLEST_BUDGET = 16;
    private static final long GREATEST_BUDGET = 16L << 20; // 16 TiB in MB: what a JVM can address
    private static final long MB = 1L << 20;

    /** The kernel kills at the limit without asking; a tenth is what a burst of a few seconds takes. */
    private static final double SHARE_OF_LIMIT = 0.9;

    public MemoryConfig {
        inRange("intervalMs", intervalMs, SHORTEST_INTERVAL, LONGEST_INTERVAL, "milliseconds");
        inRange("threshold", threshold, LOWEST_THRESHOLD, HIGHEST_THRESHOLD, "percent");
        inRange("levels.watch", watch, 1, threshold - 1L, "percent, below the threshold");
        inRange("levels.critical", critical, threshold + 1L, HIGHEST_LEVEL - 1L, "percent, above the threshold");
        inRange("levels.emergency", emergency, critical + 1L, HIGHEST_LEVEL, "percent, above critical");
        budget("maxHeapSizeMB", maxHeapSizeMB);
        budget("maxRSSSizeMB", maxRSSSizeMB);
    }

    private static void inRange(String key, long value, long least, long most, String unit) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("memory." + key + " " + value + " is outside " + least + " to " + most
                    + " (" + unit + "); the settings in force were not changed; give a value in that range");
        }
    }

    private static void budget(String key, long megabytes) {
        if (megabytes != 0) {
            inRange(key, megabytes, SMALLEST_BUDGET, GREATEST_BUDGET, "MB, or 0 for what the system allows");
        }
    }

    /** On or off. */
    public MemoryConfig withEnabled(boolean on) {
        return new MemoryConfig(on, intervalMs, watch, threshold, critical, emergency, maxHeapSizeMB, maxRSSSizeMB);
    }

    /** With another time between samples. */
    public MemoryConfig withIntervalMs(long millis) {
        return new MemoryConfig(enabled, millis, watch, threshold, critical, emergency, maxHeapSizeMB, maxRSSSizeMB);
    }

    /** With another threshold; the other levels give way where it would overtake them. */
    public MemoryConfig withThreshold(int percent) {
        return new MemoryConfig(
                enabled,
                intervalMs,
                Math.min(watch, percent - 1),
                percent,
                Math.max(critical, percent + 1),
                Math.max(emergency, Math.max(critical, percent + 1) + 1),
                maxHeapSizeMB,
                maxRSSSizeMB);
    }

    /** With other levels beside the threshold. */
    public MemoryConfig withLevels(int watchAt, int criticalAt, int emergencyAt) {
        return new MemoryConfig(
                enabled, intervalMs, watchAt, threshold, criticalAt, emergencyAt, maxHeapSizeMB, maxRSSSizeMB);
    }

    /** With other budgets in MB, 0 = what the system allows. */
    public MemoryConfig withBudgets(long heapMB, long rssMB) {
        return new MemoryConfig(enabled, intervalMs, watch, threshold, critical, emergency, heapMB, rssMB);
    }

    boolean sameLevels(MemoryConfig other) {
        return watch == other.watch && critical == other.critical && emergency == other.emergency;
    }

    /** Returns the pressure, 0 to 1, at which a level begins. */
    double line(MemoryLevel level) {
        return switch (level) {
            case NORMAL -> 0;
            case WATCH -> watch / 100.0;
            case HIGH -> threshold / 100.0;
            case CRITICAL -> critical / 100.0;
            case EMERGENCY -> emergency / 100.0;
        };
    }

    /** Returns the bytes the heap may have, given what the JVM says; negative = nobody knows. */
    long heapBudget(long heapMaxBytes) {
        if (maxHeapSizeMB == 0) {
            return heapMaxBytes;
        }
        return heapMaxBytes < 0 ? maxHeapSizeMB * MB : Math.min(maxHeapSizeMB * MB, heapMaxBytes);
    }

    static long containerBudget(long cgroupLimitBytes) {
        return cgroupLimitBytes < 0 ? -1 : (long) (cgroupLimitBytes * SHARE_OF_LIMIT);
    }

    /** Returns the bytes the process may have, given the container's limit; negative = nobody limits it. */
    long rssBudget(long cgroupLimitBytes) {
        long allowed = containerBudget(cgroupLimitBytes);
        if (maxRSSSizeMB == 0) {
            return allowed;
        }
        return allowed < 0 ? maxRSSSizeMB * MB : Math.min(maxRSSSizeMB * MB, allowed);
    }
}
