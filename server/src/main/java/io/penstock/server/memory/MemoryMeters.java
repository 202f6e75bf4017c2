package io.penstock.server.memory;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.MemoryLevel;
import io.penstock.memory.MemorySample;
import io.penstock.memory.admission.LoadLineStats;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.trend.FloorTrend;
import io.penstock.memory.trend.MemoryTrend;
import io.penstock.runtime.Subscription;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Memory and admission for Prometheus; a figure that nobody knows is NaN.
 *
 * <p>Bound: some twenty series, and two for each strategy. Cost: one sample a scrape.
 */
public final class MemoryMeters implements AutoCloseable {
    private final MemoryGovernor memory;
    private final MeterRegistry registry;
    private final Counter freed;
    private final Subscription optimisations;
    private volatile MemorySample sample;
    private volatile MemoryTrend trend;
    private volatile LoadLineStats line;

    public MemoryMeters(MemoryGovernor memory, MeterRegistry registry) {
        this.memory = memory;
        this.registry = registry;
        this.sample = memory.monitor().sample();
        this.trend = memory.leaks().report().trend();
        this.line = memory.line().stats();
        bytes("penstock.memory.rss", MemorySample::rssBytes);
        bytes("penstock.memory.heap.used", MemorySample::heapUsedBytes);
        bytes("penstock.memory.heap.live", MemorySample::liveSetBytes);
        bytes("penstock.memory.direct", MemorySample::directBytes);
        bytes("penstock.memory.limit", MemorySample::heapMaxBytes);
        Gauge.builder("penstock.memory.level", () -> number(sample.level()))
                .description("0 normal, 1 watch, 2 high, 3 critical, 4 emergency")
                .register(registry);
        Gauge.builder("penstock.memory.slope", this::slope)
                .description("Bytes a second by which the live set grows")
                .register(registry);
        gauge("penstock.admission.line", "bytes", LoadLineStats::lineBytes);
        gauge("penstock.admission.base", "bytes", LoadLineStats::baseBytes);
        gauge("penstock.admission.reserved", "bytes", LoadLineStats::runningBytes);
        gauge("penstock.admission.running", "jobs", LoadLineStats::running);
        gauge("penstock.admission.waiting", "jobs", LoadLineStats::waiting);
        decision("admitted", "none", LoadLineStats::admitted);
        decision("waited", "memory", LoadLineStats::waited);
        decision("withdrawn", "memory", LoadLineStats::withdrawn);
        decision("exceeded", "monitor", LoadLineStats::exceeded);
        decision("refused", "memory-pressure", LoadLineStats::refused);
        decision("failed", "out-of-memory", LoadLineStats::outOfMemory);
        this.freed = Counter.builder("penstock.memory.freed").baseUnit("bytes").register(registry);
        this.optimisations = memory.optimiser().onOptimisation(this::optimised);
    }

    private void bytes(String name, ToLongFunction<MemorySample> figure) {
        Gauge.builder(name, () -> known(figure.applyAsLong(sample)))
                .baseUnit("bytes")
                .register(registry);
    }

    private static double known(long figure) {
        return figure < 0 ? Double.NaN : figure;
    }

    private static int number(MemoryLevel level) {
        return switch (level) {
            case NORMAL -> 0;
            case WATCH -> 1;
            case HIGH -> 2;
            case CRITICAL -> 3;
            case EMERGENCY -> 4;
        };
    }

    private double slope() {
        return trend.valleys() < FloorTrend.LEAST_POINTS ? Double.NaN : trend.slopeBytesPerSecond();
    }

    private void gauge(String name, String unit, ToDoubleFunction<LoadLineStats> figure) {
        Gauge.builder(name, () -> figure.applyAsDouble(line)).baseUnit(unit).register(registry);
    }

    private void decision(String decision, String reason, ToDoubleFunction<LoadLineStats> figure) {
        FunctionCounter.builder("penstock.admission", this, meters -> figure.applyAsDouble(meters.line))
                .tag("decision", decision)
                .tag("reason", reason)
                .register(registry);
    }

    private void optimised(Optimisation done) {
        freed.increment((double) done.freedBytes());
        Counter.builder("penstock.memory.optimization")
                .tag("strategy", done.strategy())
                .tag("outcome", done.success() ? "met" : "missed")
                .register(registry)
                .increment();
    }

    /** Reads anew; before each scrape. */
    public void refresh() {
        sample = memory.monitor().sampleNow();
        trend = memory.leaks().report().trend();
        line = memory.line().stats();
    }

    @Override
    public void close() {
        optimisations.close();
    }
}
