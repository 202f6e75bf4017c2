package io.penstock.server.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.runtime.Clock;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What this server counts, for Prometheus.
 *
 * <p>Bound: a series for each route, method and status of the table.
 */
public final class Meters implements AutoCloseable {
    static final AttachmentKey<Route> ROUTE = AttachmentKey.create(Route.class);
    static final AttachmentKey<Long> STARTED = AttachmentKey.create(Long.class);

    private final Clock clock;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    public Meters(Clock clock) {
        this.clock = clock;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Shows a figure under a name. */
    public void gauge(String name, Supplier<Number> figure) {
        Gauge.builder(name, figure).register(registry);
    }

    void started(HttpServerExchange exchange) {
        exchange.putAttachment(STARTED, clock.nanos());
        exchange.addExchangeCompleteListener((done, next) -> {
            record(done);
            next.proceed();
        });
    }

    long nanosSince(long began) {
        return clock.nanos() - began;
    }

    /** Names the route, so that the path, which a stranger chooses, never becomes a series. */
    void routed(HttpServerExchange exchange, Route route) {
        exchange.putAttachment(ROUTE, route);
    }

    private void record(HttpServerExchange exchange) {
        Route route = exchange.getAttachment(ROUTE);
        Long begin = exchange.getAttachment(STARTED);
        Timer.builder("penstock.http.requests")
                .tag("route", route == null ? "none" : route.template())
                .tag("method", route == null ? "none" : route.method())
                .tag("status", Integer.toString(exchange.getStatusCode()))
                .register(registry)
                .record(begin == null ? 0 : clock.nanos() - begin, TimeUnit.NANOSECONDS);
    }

    /** Returns everything as Prometheus reads it. */
    public String scrape() {
        return registry.scrape();
    }

    /** Returns where others put what they count. */
    public MeterRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        registry.close();
    }
}
