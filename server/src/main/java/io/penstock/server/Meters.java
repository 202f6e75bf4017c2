package io.penstock.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.job.JobState;
import io.penstock.queue.QueueStats;
import io.penstock.runtime.Clock;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What this server counts, for Prometheus.
 *
 * <p>Bound: a series for each route, method and status of the table, and for each of at most {@value #MOST_QUEUES}
 * queues and its states. Queues are asked at most every {@value #FRESH_SECONDS} s however often somebody scrapes.
 */
final class Meters implements AutoCloseable {
    private static final int MOST_QUEUES = 200;
    private static final int FRESH_SECONDS = 5;
    private static final AttachmentKey<Route> ROUTE = AttachmentKey.create(Route.class);
    private static final AttachmentKey<Long> STARTED = AttachmentKey.create(Long.class);

    private final Clock clock;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MultiGauge sizes;
    private final MultiGauge ages;
    private long freshUntilNanos;

    Meters(Clock clock) {
        this.clock = clock;
        this.freshUntilNanos = clock.nanos();
        this.sizes = MultiGauge.builder("penstock.queue.size").register(registry);
        this.ages = MultiGauge.builder("penstock.queue.oldest.age")
                .baseUnit("seconds")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Shows a figure under a name. */
    void gauge(String name, Supplier<Number> figure) {
        Gauge.builder(name, figure).register(registry);
    }

    void started(HttpServerExchange exchange) {
        exchange.putAttachment(STARTED, clock.nanos());
        exchange.addExchangeCompleteListener((done, next) -> {
            record(done);
            next.proceed();
        });
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
    String scrape(Engine engine) {
        refresh(engine);
        return registry.scrape();
    }

    private synchronized void refresh(Engine engine) {
        if (clock.nanos() - freshUntilNanos < 0) {
            return;
        }
        List<MultiGauge.Row<?>> sizeRows = new ArrayList<>();
        List<MultiGauge.Row<?>> ageRows = new ArrayList<>();
        for (String name : engine.queues().stream().limit(MOST_QUEUES).toList()) {
            QueueStats stats = engine.queue(name).stats();
            for (JobState state : JobState.values()) {
                long count = stats.counts().of(state);
                sizeRows.add(MultiGauge.Row.of(Tags.of("queue", name, "state", state.wire()), count));
            }
            ageRows.add(MultiGauge.Row.of(Tags.of("queue", name), stats.oldestWaitingMillis() / 1000.0));
        }
        sizes.register(sizeRows, true);
        ages.register(ageRows, true);
        freshUntilNanos = clock.nanos() + TimeUnit.SECONDS.toNanos(FRESH_SECONDS);
    }

    @Override
    public void close() {
        registry.close();
    }
}
