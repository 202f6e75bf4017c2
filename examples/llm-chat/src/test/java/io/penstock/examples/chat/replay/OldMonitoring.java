package io.penstock.examples.chat.replay;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The old monitoring of one queue manager: a timer for each kind of numbers, and every sample is kept.
 *
 * <p>The intervals are those of the settings that the report names. What a sample held it does not say: here it is a map of
 * so many numbers that a day of three queue managers weighs the 150 MB of the report.
 */
public final class OldMonitoring {
    static final int NUMBERS = 18;
    private static final Map<String, Duration> INTERVALS = Map.of(
            "performance", Duration.ofSeconds(10),
            "queue", Duration.ofSeconds(10),
            "memory", Duration.ofSeconds(30),
            "system", Duration.ofSeconds(60));

    private final Map<String, List<Map<String, Object>>> histories = new HashMap<>();

    public OldMonitoring() {
        INTERVALS.keySet().forEach(kind -> histories.put(kind, new ArrayList<>()));
    }

    void start(String queue, OldTimers timers) {
        INTERVALS.forEach((kind, interval) -> timers.every(kind + "-" + queue, interval, () -> sample(kind)));
    }

    /** As many samples as so long a time brings. */
    public void pass(Duration time) {
        INTERVALS.forEach((kind, interval) -> {
            for (long i = time.dividedBy(interval); i > 0; i--) {
                sample(kind);
            }
        });
    }

    private void sample(String kind) {
        Map<String, Object> sample = new HashMap<>();
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < NUMBERS; i++) {
            sample.put(kind + ".number." + i, i + (double) runtime.freeMemory());
        }
        sample.put("at", System.currentTimeMillis());
        sample.put("load", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        List<Map<String, Object>> history = histories.get(kind);
        synchronized (history) {
            history.add(sample);
        }
    }

    public int samples() {
        int sum = 0;
        for (List<Map<String, Object>> history : histories.values()) {
            synchronized (history) {
                sum += history.size();
            }
        }
        return sum;
    }
}
