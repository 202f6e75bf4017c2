package io.penstock.alert;

import static io.penstock.alert.AlertRule.Operator.ABOVE;
import static io.penstock.alert.AlertRule.Operator.AT_LEAST;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.penstock.notice.Severity;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rules that hold until somebody changes them.
 *
 * <p>They are about what a person has to act on, not about what mends itself: each waits at least two looks, and where a
 * value swings it has to come well back before the alert ends.
 */
final class DefaultRules {
    private static final List<AlertRule> ALL = List.of(
            // level 3 of 0 to 4: no work is taken that is not needed; it ends below HIGH
            AlertRule.draft("memory-level", "memory.level", AT_LEAST, 3)
                    .hold(ofSeconds(30))
                    .severity(Severity.CRITICAL)
                    .clear(2)
                    .rule(),
            // what is used counts garbage, so only a heap that stays this full says something
            AlertRule.draft("memory-heap", "memory.heap.share", ABOVE, 0.95)
                    .hold(ofMinutes(5))
                    .clear(0.85)
                    .rule(),
            AlertRule.draft("memory-rss", "memory.rss.share", ABOVE, 0.90)
                    .hold(ofMinutes(5))
                    .severity(Severity.ERROR)
                    .clear(0.85)
                    .rule(),
            AlertRule.draft("queue-oldest", "queue.*.oldest.millis", ABOVE, 300_000)
                    .hold(ofMinutes(2))
                    .clear(150_000)
                    .rule(),
            AlertRule.draft("queue-errors", "queue.*.error.share", ABOVE, 0.20)
                    .hold(ofMinutes(5))
                    .severity(Severity.ERROR)
                    .clear(0.10)
                    .rule(),
            // dead letters wait for a person, so every new one is worth a word; it ends ten minutes after the last
            AlertRule.draft("queue-failed", "queue.*.failed", ABOVE, 0)
                    .measure(AlertRule.Measure.RISE)
                    .hold(ofSeconds(10))
                    .rule(),
            // the field report's own figure: below 100 ms all was well, above it the pool filled up
            AlertRule.draft("redis-latency", "redis.latency.p99.millis", ABOVE, 100)
                    .hold(ofMinutes(1))
                    .clear(70)
                    .rule(),
            AlertRule.draft("redis-memory", "redis.memory.share", ABOVE, 0.85)
                    .hold(ofMinutes(1))
                    .severity(Severity.ERROR)
                    .clear(0.80)
                    .rule(),
            AlertRule.draft("redis-down", Readout.REDIS_DOWN, AT_LEAST, 1)
                    .hold(ofSeconds(20))
                    .severity(Severity.CRITICAL)
                    .rule(),
            AlertRule.draft("pool-waiting", "redis.pool.waiting", ABOVE, 0)
                    .hold(ofMinutes(1))
                    .rule(),
            AlertRule.draft("pool-timeouts", "redis.pool.timeouts", ABOVE, 0)
                    .measure(AlertRule.Measure.RISE)
                    .severity(Severity.ERROR)
                    .rule());

    static final Map<String, AlertRule> BY_ID = byId();

    private DefaultRules() {}

    private static Map<String, AlertRule> byId() {
        return ALL.stream().collect(Collectors.toUnmodifiableMap(AlertRule::id, Function.identity()));
    }
}
