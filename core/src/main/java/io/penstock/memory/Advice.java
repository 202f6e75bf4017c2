package io.penstock.memory;

import io.penstock.memory.admission.LoadLineStats;
import io.penstock.memory.leak.LeakReport;
import io.penstock.memory.leak.LeakVerdict;
import io.penstock.memory.optimise.OptimiserStats;
import io.penstock.memory.probe.RssSource;
import io.penstock.memory.trend.MemoryTrend;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says in sentences what is wrong with the memory of this process and what to do about it. */
final class Advice {
    private static final long MB = 1 << 20;

    /** Jobs that waited for room, as a part of all that ran, from which on the heap is too small for the load. */
    private static final double MANY_WAITED = 0.5;

    private static final long ENOUGH_JOBS = 100;

    private final List<String> issues = new ArrayList<>();
    private final List<String> recommendations = new ArrayList<>();

    Advice(MemorySample sample, LeakReport leak, OptimiserStats optimiser, LoadLineStats line) {
        level(sample);
        leak(leak);
        line(line);
        if (!optimiser.advice().isEmpty()) {
            recommendations.add(optimiser.advice());
        }
        if (optimiser.hanging() > 0) {
            issues.add(optimiser.hanging() + " steps of optimisations hang; see the reports for their names");
        }
        machine(sample);
    }

    List<String> issues() {
        return issues;
    }

    List<String> recommendations() {
        return recommendations;
    }

    private void level(MemorySample sample) {
        if (sample.level().atLeast(MemoryLevel.HIGH)) {
            String cause = sample.pressure().cause();
            issues.add(String.format(
                    Locale.ROOT,
                    "memory is %s: %s at %.0f %%",
                    sample.level(),
                    cause,
                    sample.pressure().worst() * 100));
            recommendations.add(
                    switch (cause) {
                        case "heap" ->
                            "what survives collections fills the heap: raise -Xmx, lower the concurrency, or find"
                                    + " what keeps it by a class histogram";
                        case "process" ->
                            "the process fills its budget: lower -Xmx or direct memory, or raise the limit";
                        case "direct" -> "direct buffers run out: close them, or raise -XX:MaxDirectMemorySize";
                        case "collector" -> "collections take the time: raise -Xmx or lower the concurrency";
                        case "stall" -> "the machine waits for memory: give it more, or run less on it";
                        default ->
                            "Redis fills its maxmemory: raise it, keep finished jobs for less long, or add workers";
                    });
        }
    }

    private void leak(LeakReport leak) {
        if (leak.verdict().compareTo(LeakVerdict.SUSPECTED) >= 0) {
            issues.add("leak " + leak.verdict()
                    + (leak.evidence().isEmpty() ? "" : ": " + leak.evidence().get(0)));
            recommendations.add("take two class histograms some minutes apart to see what grows");
        }
        MemoryTrend trend = leak.trend();
        if (trend.growing() && trend.timeToFullLow() != null) {
            recommendations.add("at this pace the live set reaches the load line in "
                    + trend.timeToFullLow().toMinutes() + " minutes at the earliest");
        }
    }

    private void line(LoadLineStats line) {
        if (line.outOfMemory() > 0) {
            issues.add(line.outOfMemory() + " jobs ended in an OutOfMemoryError since the start; they were run again");
            recommendations.add("declare what such jobs need by memory(bytes), or raise -Xmx");
        }
        if (line.admitted() > ENOUGH_JOBS && line.waited() > line.admitted() * MANY_WAITED) {
            recommendations.add("more than half of the jobs waited for memory: a larger -Xmx would run them sooner");
        }
    }

    private void machine(MemorySample sample) {
        long limit = sample.cgroup().limitBytes();
        long committed = sample.heapMaxBytes() + Math.max(0, sample.directMaxBytes());
        if (limit > 0 && sample.heapMaxBytes() > limit * 0.8) {
            recommendations.add(
                    "the heap may grow to " + sample.heapMaxBytes() / MB + " of the container's " + limit / MB
                            + " MB: the kernel will kill before the JVM is full; lower -Xmx or -XX:MaxRAMPercentage");
        } else if (limit > 0 && committed > limit) {
            recommendations.add("heap and direct memory together may pass the container's " + limit / MB
                    + " MB; set -XX:MaxDirectMemorySize");
        }
        if (sample.rssSource() == RssSource.UNAVAILABLE) {
            recommendations.add("resident memory cannot be read on this system: only the heap is governed");
        }
        List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
        if (options.contains("-XX:+DisableExplicitGC")) {
            recommendations.add("-XX:+DisableExplicitGC also keeps the JDK from freeing direct buffers; leave it out");
        }
    }
}
