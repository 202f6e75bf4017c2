package io.penstock.monitor;

/**
 * What one group of metrics has cost; a sample may have parts on several threads.
 *
 * <p>Threads: safe.
 */
final class Cost {
    private long current; // nanoseconds of the sample under way
    private long latest;
    private long longest;
    private long total;
    private long samples;
    private long lastMillis;

    /** A part of a sample took so long. */
    synchronized void part(long nanos) {
        current += nanos;
        total += nanos;
    }

    /** The sample is over. */
    synchronized void sampled(long millis) {
        latest = current;
        longest = Math.max(longest, current);
        current = 0;
        samples++;
        lastMillis = millis;
    }

    synchronized long totalNanos() {
        return total;
    }

    synchronized MonitorStatus.Group shown(String name, long intervalMillis, int metrics) {
        double mean = samples == 0 ? 0 : total / 1e3 / samples;
        return new MonitorStatus.Group(
                name, intervalMillis, metrics, samples, lastMillis, latest / 1e3, mean, longest / 1e3);
    }
}
