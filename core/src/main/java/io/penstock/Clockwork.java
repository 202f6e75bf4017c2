package io.penstock;

import io.penstock.monitor.Monitor;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Redis;
import io.penstock.runtime.Service;
import io.penstock.runtime.Timer;
import io.penstock.schedule.Beat;
import io.penstock.schedule.Promoter;
import io.penstock.schedule.Pruner;
import io.penstock.schedule.Reclaimer;
import io.penstock.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The work of the clock for the queues that this process serves: due jobs, dead workers, old jobs; and what workers tell of
 * their runs.
 *
 * <p>Threads: safe. Bound: three timer tasks whatever the number of queues.
 */
final class Clockwork implements Worker.Upkeep, AutoCloseable {
    private final Beat promotions;
    private final Beat reclaims;
    private final Beat prunes;
    private final Redis redis;
    private final Duration leaseLength;
    private final Monitor monitor;
    private final Map<String, Served> served = new ConcurrentHashMap<>();

    private record Served(Promoter promoter, Reclaimer reclaimer, Pruner pruner) {
        void start() {
            List.<Service>of(promoter, reclaimer, pruner).forEach(Service::start);
        }

        void close() {
            List.<Service>of(promoter, reclaimer, pruner).forEach(Service::close);
        }
    }

    /** @param leaseLength of the workers of these queues: those that live renew theirs first after Redis was away */
    Clockwork(Timer timer, Redis redis, Duration leaseLength, Monitor monitor) {
        this.promotions = new Beat(timer, "promote");
        this.reclaims = new Beat(timer, "reclaim");
        this.prunes = new Beat(timer, "prune");
        this.redis = redis;
        this.leaseLength = leaseLength;
        this.monitor = monitor;
    }

    /** Begins with a queue, if that is not so already. */
    void serve(Queue queue) {
        served.computeIfAbsent(queue.name(), name -> {
            QueueStore store = queue.store();
            Served begun = new Served(
                    new Promoter(store, promotions),
                    new Reclaimer(store, reclaims, redis::connectedFor, leaseLength),
                    new Pruner(store, prunes));
            store.onDelayed(millis -> begun.promoter.dueWithin(Duration.ofMillis(millis)));
            begun.start();
            return begun;
        });
    }

    boolean serves(String queue) {
        return served.containsKey(queue);
    }

    /** Ends with a queue. */
    void leave(String queue) {
        Served idle = served.remove(queue);
        if (idle != null) {
            idle.close();
        }
    }

    @Override
    public void completedKept(String queue, long jobs) {
        of(queue).pruner.kept(jobs);
    }

    @Override
    public void delayed(String queue, Duration shortest) {
        of(queue).promoter.dueWithin(shortest);
    }

    @Override
    public void ran(String queue, long waitMillis, long runMillis) {
        monitor.ran(queue, waitMillis, runMillis);
    }

    private Served of(String queue) {
        return Objects.requireNonNull(served.get(queue), queue);
    }

    @Override
    public void close() {
        served.values().forEach(Served::close);
        List.of(promotions, reclaims, prunes).forEach(Beat::close);
    }
}
