package io.penstock.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.penstock.job.JobState;
import io.penstock.queue.QueueStats;
import io.penstock.server.engine.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes and ages of queues as gauges.
 *
 * <p>Bound: {@value #MOST_QUEUES} queues, asked at most every {@value #FRESH_SECONDS} s however often somebody scrapes.
 */
final class QueueMeters {
    private static final int MOST_QUEUES = 200;
    private static final int FRESH_SECONDS = 5;

    private final Engine engine;
    private final MultiGauge sizes;
    private final MultiGauge ages;
    private long freshUntilNanos;

    QueueMeters(Engine engine, MeterRegistry registry) {
        this.engine = engine;
        this.freshUntilNanos = engine.clock().nanos();
        this.sizes = MultiGauge.builder("penstock.queue.size").register(registry);
        this.ages = MultiGauge.builder("penstock.queue.oldest.age")
                .baseUnit("seconds")
                .register(registry);
    }

    synchronized void refresh() {
        if (engine.clock().nanos() - freshUntilNanos < 0) {
            return;
        }
        List<MultiGauge.Row<?>> sizeRows = new ArrayList<>();
        List<MultiGauge.Row<?>> ageRows = new ArrayList<>();
        for (String name : engine.queues().stream().limit(MOST_QUEUES).toList()) {
            QueueStats stats = engine.queue(name).stats();
            for (JobState state : JobState.values()) {
                sizeRows.add(MultiGauge.Row.of(
                        Tags.of("queue", name, "state", state.wire()),
                        stats.counts().of(state)));
            }
            ageRows.add(MultiGauge.Row.of(Tags.of("queue", name), stats.oldestWaitingMillis() / 1000.0));
        }
        sizes.register(sizeRows, true);
        ages.register(ageRows, true);
        freshUntilNanos =
                engine.clock().nanos() + Duration.ofSeconds(FRESH_SECONDS).toNanos();
    }
}
