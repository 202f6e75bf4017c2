package io.penstock.monitor;

import io.penstock.runtime.Clock;
import io.penstock.runtime.Service;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.series.Readings;
import io.penstock.series.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Measures this process, the queues, memory, the machine and Redis again and again, and remembers a week of it.
 *
 * <p>Counts of a queue are of the whole queue, its waits and runs of the jobs that this process ran. Each metric is kept in
 * steps of 10 s for an hour, 1 min for a day and 10 min for a week, with minimum, mean and maximum, so a peak is not
 * smoothed away. A restart begins anew.
 *
 * <p>Bound: {@link MonitorConfig#maxBytes}, kept by making no more histories than fit: when there are more queues, those
 * with the least traffic have none. Cost: {@link MonitorStatus}; four tasks of the timer, which start calls of Redis
 * and never wait. Threads: safe.
 */
public final class Monitor extends Service implements Readings {
    private static final List<String> REDIS = List.of(
            "redis.latency.p99.millis",
            "redis.memory.share",
            "redis.clients",
            "redis.pool.total",
            "redis.pool.active",
            "redis.pool.waiting",
            "redis.pool.timeouts");

    /** Rows, costs, maps; without the names of queues that have no history, which are not numbers. */
    private static final int OWN_BYTES = 16 << 10;

    /** Two to ten commands each: 250 a second of Redis at the default interval. */
    private static final int MOST_QUEUES = 250;

    private final MonitorConfig config;
    private final MonitorSources sources;
    private final Timer timer;
    private final Clock clock;
    private final Threads threads;
    private final Metrics metrics = new Metrics();
    private final Group process;
    private final Group memory;
    private final Group system;
    private final Group redis;
    private final Cost queueCost = new Cost();
    private final QueueLook queues;
    private final ProcessLook processLook;
    private final SystemLook systemLook;
    private final AtomicBoolean atDisk = new AtomicBoolean();
    private final List<Task> tasks = new ArrayList<>(); // by start and stop only
    private final long fixedBytes;
    private final int room;
    private final long startNanos;
    private @Nullable Subscription collections;

    /** Metrics of which there is one set, with the row that its only writer fills. */
    private record Group(Track track, double[] row, Cost cost) {
        static Group of(List<String> names, boolean history) {
            return new Group(new Track(names, history), new double[names.size()], new Cost());
        }
    }

    /** Makes one; {@link #start} begins to look. */
    public Monitor(MonitorConfig config, MonitorSources sources, Timer timer, Threads threads) {
        this.config = config;
        this.sources = sources;
        this.timer = timer;
        this.clock = timer.clock();
        this.threads = threads;
        boolean history = config.enabled() && config.history();
        process = Group.of(ProcessLook.NAMES, history);
        memory = Group.of(MemoryLook.NAMES, history);
        system = Group.of(SystemLook.NAMES, history);
        redis = Group.of(REDIS, history);
        fixedBytes = OWN_BYTES
                + groups().stream()
                        .mapToLong(group -> Track.bytes(group.row.length, history))
                        .sum();
        long fit = (config.maxBytes() - fixedBytes) / QueueTrack.bytes(history);
        room = (int) Math.max(0, Math.min(MOST_QUEUES, fit));
        queues = new QueueLook(sources, clock, metrics, queueCost, history, room);
        processLook = new ProcessLook(clock);
        systemLook = new SystemLook(sources.memory(), config.dataDir());
        startNanos = clock.nanos();
    }

    private List<Group> groups() {
        return List.of(process, memory, system, redis);
    }

    @Override
    protected void onStart() {
        if (!config.enabled()) {
            return;
        }
        groups().forEach(group -> metrics.add(group.track));
        collections = sources.collections().apply(processLook::collected);
        every("performance", config.performance(), this::lookAtProcess);
        every("queue", config.queue(), this::lookAtQueues);
        every("memory", config.memory(), this::lookAtMemory);
        every("system", config.system(), this::lookAtSystem);
    }

    private void every(String name, Duration interval, Runnable look) {
        Task task = timer.every("monitor-" + name, interval, look);
        tasks.add(task);
        task.runNow();
    }

    @Override
    protected void onStop() {
        tasks.forEach(Task::close);
        if (collections != null) {
            collections.close();
        }
        queues.close();
        metrics.clear();
    }

    private void lookAtProcess() {
        long begin = clock.nanos();
        processLook.read(process.row);
        keep(process, begin);
    }

    private void lookAtMemory() {
        long begin = clock.nanos();
        if (MemoryLook.read(sources.memory().get(), memory.row)) {
            keep(memory, begin);
        } else {
            memory.track.unknown();
        }
    }

    private void lookAtQueues() {
        long begin = clock.nanos();
        RedisReading now = sources.redis().get();
        redis.row[0] = now.latencyP99Millis();
        redis.row[1] = now.memoryShare();
        redis.row[2] = now.clients();
        redis.row[3] = now.poolTotal();
        redis.row[4] = now.poolActive();
        redis.row[5] = now.poolWaiting();
        redis.row[6] = now.poolTimeouts();
        keep(redis, begin);
        queues.look();
    }

    /** A thread of its own where there is a disk to ask: one that hangs must not hold up the timer. */
    private void lookAtSystem() {
        if (!atDisk.compareAndSet(false, true)) {
            system.track.unknown(); // it still hangs
            return;
        }
        Runnable look = () -> {
            try {
                long begin = clock.nanos();
                systemLook.read(system.row);
                keep(system, begin);
            } finally {
                atDisk.set(false);
            }
        };
        if (config.dataDir() == null) {
            look.run();
            return;
        }
        boolean started = false;
        try {
            threads.startLight("monitor-system", look);
            started = true;
        } finally {
            if (!started) {
                atDisk.set(false);
            }
        }
    }

    private void keep(Group group, long beginNanos) {
        long now = clock.millis();
        group.track.append(now, group.row);
        group.cost.part(clock.nanos() - beginNanos);
        group.cost.sampled(now);
    }

    /** A job of the queue was run by this process; costs nothing worth naming. */
    public void ran(String queue, long waitMillis, long runMillis) {
        queues.ran(queue, waitMillis, runMillis);
    }

    /** The queue was deleted: its history goes at once. */
    public void forget(String queue) {
        queues.forget(queue);
    }

    @Override
    public double latest(String metric) {
        return metrics.latest(metric);
    }

    @Override
    public Set<String> metrics() {
        return metrics.metrics();
    }

    /** Returns the names of all metrics there are, also of those that nobody can tell now, sorted. */
    public Set<String> names() {
        return metrics.names();
    }

    /**
     * Returns the past of one metric, in points that each have minimum, mean and maximum; empty if there is no such metric
     * or no history is kept.
     *
     * @param fromMillis wall clock, included
     * @param toMillis wall clock, included
     * @param points the most points of the answer
     * @param least stored entries that each point stands for at least, 1 or more
     */
    public Optional<Window> series(String metric, long fromMillis, long toMillis, int points, int least) {
        Metrics.Place place = metrics.find(metric);
        return Optional.ofNullable(
                place == null ? null : place.track().query(place.column(), fromMillis, toMillis, points, least));
    }

    /** Returns how it is set up. */
    public MonitorConfig config() {
        return config;
    }

    /** Returns what it does and costs. */
    public MonitorStatus status() {
        boolean on = config.enabled();
        boolean history = on && config.history();
        int tracked = queues.tracked();
        long queueBytes = QueueTrack.bytes(history);
        long nanos = queueCost.totalNanos()
                + groups().stream().mapToLong(group -> group.cost.totalNanos()).sum();
        return new MonitorStatus(
                on,
                history,
                on ? shown(tracked) : List.of(),
                on ? fixedBytes + tracked * queueBytes : 0,
                config.maxBytes(),
                queueBytes,
                tracked,
                room,
                queues.unmonitored(),
                queues.skipped(),
                nanos / (double) Math.max(1, clock.nanos() - startNanos));
    }

    private List<MonitorStatus.Group> shown(int tracked) {
        return List.of(
                shown(process, "performance", config.performance()),
                queueCost.shown("queue", config.queue().toMillis(), tracked * QueueTrack.metrics()),
                shown(redis, "redis", config.queue()),
                shown(memory, "memory", config.memory()),
                shown(system, "system", config.system()));
    }

    private static MonitorStatus.Group shown(Group group, String name, Duration interval) {
        return group.cost.shown(name, interval.toMillis(), group.row.length);
    }
}
