package io.penstock.monitor;

import io.penstock.memory.MemorySample;
import io.penstock.memory.gc.GcEvent;
import io.penstock.queue.QueueStats;
import io.penstock.runtime.Subscription;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Whom the monitor asks; none of them may wait.
 *
 * @param memory the last sample of the governor; the monitor has no probe of its own
 * @param collections tells of each collection until the subscription is closed
 * @param queueNames of all queues
 * @param queue a queue as it stands
 * @param traffic of a queue: a total that grows with all that happens to it
 * @param redis what is known of Redis
 */
public record MonitorSources(
        Supplier<MemorySample> memory,
        Function<Consumer<GcEvent>, Subscription> collections,
        Supplier<CompletionStage<Set<String>>> queueNames,
        Function<String, CompletionStage<QueueStats>> queue,
        Function<String, CompletionStage<Long>> traffic,
        Supplier<RedisReading> redis) {}
