package io.penstock.memory;

import io.penstock.memory.admission.LoadLine;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.gc.GcFeed;
import io.penstock.memory.leak.LeakDetector;
import io.penstock.memory.leak.LeakReport;
import io.penstock.memory.leak.LeakVerdict;
import io.penstock.memory.optimise.Gauge;
import io.penstock.memory.optimise.Optimisation;
import io.penstock.memory.optimise.OptimisationRefused;
import io.penstock.memory.optimise.Optimiser;
import io.penstock.memory.optimise.OptimiserStats;
import io.penstock.memory.optimise.Request;
import io.penstock.memory.optimise.Step;
import io.penstock.memory.probe.Outside;
import io.penstock.memory.probe.RssSource;
import io.penstock.memory.trend.FloorTrend;
import io.penstock.memory.trend.MemoryTrend;
import io.penstock.runtime.Service;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Governs the memory of this process: watches it, admits work by it, looks for leaks, and frees some when it must.
 *
 * <p>It can be used without queues: whoever runs work asks the {@link #line} for room. Several may live in one process,
 * but only the first that is started optimises; the others watch and admit, and one of them takes over within half a minute
 * when the first has been closed.
 *
 * <p>Threads: safe; none of its own while no optimisation runs. Time: two tasks on the timer besides those of its parts.
 * Bound: what its parts state, below 3 MB together. {@link #close} ends all of them.
 */
public final class MemoryGovernor extends Service {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryGovernor.class);

    /** As often as a healthy process is sampled. */
    private static final Duration LOOK = Duration.ofSeconds(30);

    /** A preventive run is worth its cost when the heap could be full before somebody has looked at the alarm. */
    private static final Duration SOON = Duration.ofHours(1);

    private final Timer timer;
    private final GcFeed feed;
    private final MemoryMonitor monitor;
    private final LeakDetector leaks;
    private final LoadLine line;
    private final Optimiser optimiser;
    private final Snapshots snapshots;
    private volatile MemoryPolicy policy;
    private volatile boolean optimises; // written under optimising
    private final Object optimising = new Object();
    private LeakVerdict told = LeakVerdict.NONE; // the timer's thread only
    private @Nullable Task looking;
    private @Nullable Subscription collections;

    /**
     * Makes one for this process; the load line governs from now on, all else from {@link #start}.
     *
     * @param outside a gauge of somebody else's memory, or {@link Outside#NONE}
     */
    public MemoryGovernor(
            MemoryPolicy policy, LoadLineConfig admission, Outside outside, Timer timer, Threads threads) {
        this.policy = policy;
        this.timer = timer;
        this.feed = new GcFeed(timer.clock());
        this.monitor = new MemoryMonitor(policy.monitor(), timer, feed, outside);
        this.line = LoadLine.open(admission, feed, timer);
        long heapMax = Runtime.getRuntime().maxMemory();
        double share = (double) line.stats().lineBytes() / heapMax;
        this.leaks = new LeakDetector(new FloorTrend(timer.clock(), heapMax, share, FloorTrend.LEAST_WINDOW), heapMax);
        this.optimiser = new Optimiser(new Readings(monitor), feed, policy.optimiser(), timer, threads);
        this.snapshots = new Snapshots(monitor, timer.clock(), this::jobTypes, false);
    }

    /** What the optimiser measures by. */
    private record Readings(MemoryMonitor monitor) implements Gauge {
        @Override
        public long liveSetBytes() {
            return monitor.liveBytes();
        }

        @Override
        public long usedBytes() {
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory();
        }

        @Override
        public long maxBytes() {
            return Runtime.getRuntime().maxMemory();
        }

        @Override
        public long rssBytes() {
            return monitor.sampleNow().rssBytes();
        }
    }

    @Override
    protected void onStart() {
        collections = feed.onCollection(leaks::onCollection);
        monitor.onEvent(this::heard);
        monitor.start();
        if (!startOptimiser()) {
            LOG.info(
                    "memory is optimised by another governor of this process; this one watches and admits until that is"
                            + " closed");
        }
        governProcess(policy);
        looking = timer.every("memory-leaks", LOOK, this::look);
    }

    /** Where the kernel kills at a limit, or the policy sets one, jobs are admitted by what the whole process takes too. */
    private void governProcess(MemoryPolicy limits) {
        long container = monitor.sample().cgroup().limitBytes();
        long budget = limits.maxRSSSizeMB() << 20;
        long limit = container > 0 && budget > 0 ? Math.min(container, budget) : Math.max(container, budget);
        if (limit > 0) {
            line.outside(this::processBytes, limit);
        }
    }

    private long processBytes() {
        MemorySample now = monitor.sampleNow();
        long charged = now.cgroup().usedBytes() - Math.max(0, now.cgroup().reclaimableBytes());
        long resident = now.rssSource() == RssSource.UNRELIABLE ? MemorySample.UNKNOWN : now.rssBytes();
        return now.cgroup().limitBytes() > 0 ? Math.max(charged, resident) : resident;
    }

    /** Begins to optimise if no other governor of this process does. */
    private boolean startOptimiser() {
        synchronized (optimising) { // closing must not meet an optimiser that is just being started
            if (!optimises && optimiser.startIfFree()) {
                optimises = true;
                optimiser.onOptimisation(this::optimised);
                optimiser.contribute(new DropSnapshots(snapshots));
            }
            return optimises;
        }
    }

    private record DropSnapshots(Snapshots snapshots) implements Step {
        @Override
        public String name() {
            return "drop-snapshots";
        }

        @Override
        public Kind kind() {
            return Kind.HISTORIES;
        }

        @Override
        public long estimate() {
            return snapshots.retainedBytes();
        }

        @Override
        public long run(double share) {
            return snapshots.drop(share);
        }
    }

    @Override
    protected void onStop() {
        if (looking != null) {
            looking.close();
        }
        if (collections != null) {
            collections.close();
        }
        synchronized (optimising) {
            optimiser.close();
            optimises = false;
        }
        monitor.close();
        leaks.close();
        line.close();
        feed.close();
    }

    /** Looks for leaks and at where the live set is going; on the timer, about a millisecond. */
    void look() {
        if (!optimises && running() && startOptimiser()) {
            LOG.info("the governor that optimised memory was closed; this one has taken over");
        }
        leaks.tick();
        LeakReport report = leaks.report();
        if (report.verdict().compareTo(told) > 0) {
            monitor.publish(
                    MemoryEvent.Kind.LEAK, "leak " + report.verdict() + ": " + String.join("; ", report.evidence()));
        }
        told = report.verdict();
        MemoryTrend trend = report.trend();
        Duration soonest = trend.timeToFullLow();
        if (monitor.level() == MemoryLevel.EMERGENCY) {
            ask(Request.emergency("memory is EMERGENCY: " + monitor.pressure().cause()));
        } else if (trend.growing() && soonest != null && soonest.compareTo(SOON) < 0) {
            ask(Request.preventive(
                    "the live set grows and may reach the load line in " + soonest.toMinutes() + " minutes"));
        }
    }

    private void heard(MemoryEvent event) {
        if (event.kind() == MemoryEvent.Kind.THRESHOLD && event.level() == MemoryLevel.EMERGENCY && event.alarm()) {
            ask(Request.emergency(event.message()));
        }
    }

    /** A run that is refused is one that is not due: the optimiser knows best when the next one makes sense. */
    private void ask(Request request) {
        if (optimises) {
            optimiser.optimise(request).whenComplete((done, failed) -> {
                if (failed != null && !(failed instanceof OptimisationRefused)) {
                    monitor.publish(MemoryEvent.Kind.OPTIMISATION_FAILED, String.valueOf(failed.getMessage()));
                }
            });
        }
    }

    private void optimised(Optimisation done) {
        MemoryEvent.Kind kind =
                done.success() ? MemoryEvent.Kind.OPTIMISATION_COMPLETED : MemoryEvent.Kind.OPTIMISATION_FAILED;
        monitor.publish(kind, done.strategy() + " " + done.id() + ": " + done.outcome());
    }

    private Map<String, Long> jobTypes() {
        Map<String, Long> runs = new LinkedHashMap<>();
        line.stats().types().forEach(type -> runs.put(type.type(), type.runs()));
        return runs;
    }

    /** Returns all that is known now; about two milliseconds. */
    public MemoryStatus status() {
        MemorySample sample = monitor.sampleNow();
        LeakReport leak = leaks.report();
        OptimiserStats optimisation = optimiser.stats();
        var admission = line.stats();
        Advice advice = new Advice(sample, leak, optimisation, admission);
        return new MemoryStatus(
                policy,
                sample,
                leak,
                optimises,
                optimisation,
                admission,
                monitor.state(),
                advice.issues(),
                advice.recommendations());
    }

    /** Returns the settings in force. */
    public MemoryPolicy policy() {
        return policy;
    }

    /** Puts other settings in force at once. Levels that were set at the monitor stay, as far as the threshold leaves room. */
    public synchronized void policy(MemoryPolicy next) {
        MemoryConfig levels = monitor.config().withThreshold(next.threshold());
        monitor.configure(
                policy.monitor().sameLevels(monitor.config())
                        ? next.monitor()
                        : next.monitor().withLevels(levels.watch(), levels.critical(), levels.emergency()));
        optimiser.policy(next.optimiser());
        governProcess(next);
        policy = next;
    }

    /** Returns what watches; it also tells listeners of everything that happens here. */
    public MemoryMonitor monitor() {
        return monitor;
    }

    /** Tells of each collection; see {@link GcFeed#onCollection}. */
    public Subscription onCollection(Consumer<GcEvent> listener) {
        return feed.onCollection(listener);
    }

    /** Returns what looks for leaks. */
    public LeakDetector leaks() {
        return leaks;
    }

    /** Returns what admits work. */
    public LoadLine line() {
        return line;
    }

    /** Returns what frees memory; {@link Optimiser#optimise} is refused unless this governor {@link #optimises}. */
    public Optimiser optimiser() {
        return optimiser;
    }

    /** Tells whether this governor is the one of its process that optimises. */
    public boolean optimises() {
        return optimises;
    }

    /** Returns the snapshots that were taken. */
    public Snapshots snapshots() {
        return snapshots;
    }

    /** Returns the reports of optimisations, the newest first. */
    public List<Optimisation> optimisations(int most) {
        return optimiser.history(most);
    }
}
