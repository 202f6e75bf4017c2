package io.penstock.server.redis;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.redis.LatencyStats;
import io.penstock.redis.PoolStats;
import io.penstock.server.engine.Engine;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Redis for Prometheus. Bound: a dozen series. Cost: one look at the pool a scrape, none at Redis. */
public final class RedisMeters {
    private final Engine engine;
    private final MeterRegistry registry;
    private volatile PoolStats pool;
    private volatile LatencyStats commands;
    private volatile LatencyStats acquires;

    public RedisMeters(Engine engine, MeterRegistry registry) {
        this.engine = engine;
        this.registry = registry;
        this.pool = engine.redisPool().stats();
        this.commands = engine.redisHealth().latency();
        this.acquires = engine.redisPool().acquireLatency();
        connections("active", PoolStats::active);
        connections("idle", PoolStats::idle);
        connections("waiting", PoolStats::waiting);
        connections("max", PoolStats::max);
        Gauge.builder("penstock.redis.connections", () -> engine.redis().connections())
                .tag("state", "open")
                .description("Sockets of this process, the multiplexed ones included")
                .register(registry);
        FunctionCounter.builder("penstock.redis.acquire.timeouts", this, it -> it.pool.timeouts())
                .register(registry);
        timer("penstock.redis.command", it -> it.commands.totalCount(), it -> it.commands.totalMillis());
        timer("penstock.redis.acquire", it -> it.acquires.totalCount(), it -> it.acquires.totalMillis());
        Gauge.builder("penstock.redis.command.p99", () -> commands.p99Millis() / 1e3)
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("penstock.redis.health", this::health)
                .description("0 up, 1 degraded, 2 down")
                .register(registry);
    }

    private int health() {
        return switch (engine.redisHealth().health().status()) {
            case UP -> 0;
            case DEGRADED -> 1;
            case DOWN -> 2;
        };
    }

    private void connections(String state, ToDoubleFunction<PoolStats> figure) {
        Gauge.builder("penstock.redis.connections", () -> figure.applyAsDouble(pool))
                .tag("state", state)
                .description("Dedicated connections, and callers that wait for one")
                .register(registry);
    }

    private void timer(String name, ToDoubleFunction<RedisMeters> count, ToDoubleFunction<RedisMeters> millis) {
        FunctionTimer.builder(name, this, it -> (long) count.applyAsDouble(it), millis, TimeUnit.MILLISECONDS)
                .register(registry);
    }

    /** Reads anew; before each scrape. */
    public void refresh() {
        pool = engine.redisPool().stats();
        commands = engine.redisHealth().latency();
        acquires = engine.redisPool().acquireLatency();
    }
}
