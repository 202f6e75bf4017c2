package io.penstock.memory;

import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.gc.GcFeed;
import io.penstock.memory.probe.Column;
import io.penstock.memory.probe.Outside;
import io.penstock.memory.probe.Probes;
import io.penstock.memory.probe.RssSource;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Service;
import io.penstock.runtime.Subscription;
import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches the memory of this process: samples it, knows its level and its past, and tells when either turns bad.
 *
 * <p>It samples on the one timer, each 30 s while all is well and each second in an emergency; collections are heard
 * as they happen, and one that leaves too much brings the next sample forward. Levels are built on what survives
 * collections, never on what is used, so a heap that fills and is collected raises no alarm.
 *
 * <p>Bound: {@link MonitorState#retainedBytes}, below 1 MB. Threads: safe; one lock, held while a sample is taken,
 * about 0.1 ms, and never while listeners are called. When more than a quarter of the time goes into pauses, or
 * sampling itself gets dear, it falls back to the totals of the heap until that is over.
 */
public final class MemoryMonitor extends Service {
    /** Collections can come 100 a second when memory runs out; looking four times a second is enough to act. */
    private static final long HASTE_NANOS = Duration.ofMillis(250).toNanos();

    private static final Duration CONFIRM = Duration.ofSeconds(1);

    /** A tenth of the heap in ten minutes fills it within the hour and a half. */
    private static final double RAPID = 0.10;
    /** Below, the growth is that of an application that starts. */
    private static final double RAPID_FROM = 0.30;

    private static final long RAPID_REST_NANOS = Growth.SPAN.toNanos();
    private static final int OWN_BYTES = 16 << 10; // row, buffer of the probes, windows

    private final Timer timer;
    private final Clock clock;
    private final @Nullable GcFeed feed;
    private final Probes probes;
    private final MemoryHistory history = new MemoryHistory();
    private final Events events;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock
    private final LiveSet live;
    private final PauseShare pauses = new PauseShare();
    private final Growth growth = new Growth();
    private final Overhead overhead = new Overhead();
    private final LevelPolicy policy;
    private @Nullable Subscription collections;
    private long samples;
    private long sampledMillis;
    private long rapidToldNanos;
    private boolean rapidTold;
    private long hasteNanos;

    private volatile @Nullable Task task;
    private volatile MemoryConfig config;
    private volatile MemoryLevel level = MemoryLevel.NORMAL;
    private volatile Pressure pressure = Pressure.NONE;

    /**
     * Makes one for this process; {@link #start} begins to look.
     *
     * @param outside a gauge of somebody else's memory, or {@link Outside#NONE}
     */
    public MemoryMonitor(MemoryConfig config, Timer timer, GcFeed feed, Outside outside) {
        this(config, timer, feed, Probes.ofThisProcess(timer.clock(), outside), LiveSet.ofThisJvm());
    }

    /** For tests, which tell of collections by {@link #collected} when there is no feed. */
    MemoryMonitor(MemoryConfig config, Timer timer, @Nullable GcFeed feed, Probes probes, LiveSet live) {
        this.config = config;
        this.timer = timer;
        this.clock = timer.clock();
        this.feed = feed;
        this.probes = probes;
        this.live = live;
        this.events = new Events(clock);
        this.policy = new LevelPolicy(config);
        this.hasteNanos = clock.nanos();
    }

    @Override
    protected void onStart() {
        lock.lock();
        try {
            if (config.enabled()) {
                begin();
            }
        } finally {
            lock.unlock();
        }
        tell(MemoryEvent.Kind.STARTED, level, "memory is watched each " + config.intervalMs() + " ms");
        tick(); // so that whoever asks first is answered
    }

    @Override
    protected void onStop() {
        lock.lock();
        try {
            end();
            probes.close();
        } finally {
            lock.unlock();
        }
        tell(MemoryEvent.Kind.STOPPED, level, "memory is watched no longer");
        events.clear();
    }

    private void begin() {
        collections = feed == null ? null : feed.onCollection(this::collected);
        task = timer.every("memory", Duration.ofMillis(config.intervalMs()), this::tick);
    }

    private void end() {
        Task planned = task;
        if (planned != null) {
            planned.close();
            task = null;
        }
        if (collections != null) {
            collections.close();
            collections = null;
        }
    }

    /** Puts other settings in force at once. While it is switched off, the level is NORMAL: nobody looks. */
    public void configure(MemoryConfig changed) {
        lock.lock();
        try {
            config = changed;
            policy.configure(changed);
            if (!running()) {
                return;
            }
            if (!changed.enabled()) {
                end();
                policy.reset();
                level = policy.level();
                pressure = Pressure.NONE;
            } else if (task == null) {
                begin();
            }
        } finally {
            lock.unlock();
        }
        tick();
    }

    /** Returns the settings in force. */
    public MemoryConfig config() {
        return config;
    }

    private void tick() {
        MemoryLevel before;
        MemoryLevel after;
        long grown;
        lock.lock();
        try {
            if (task == null) {
                return; // switched off meanwhile
            }
            before = level;
            grown = take();
            after = level;
        } finally {
            lock.unlock();
        }
        if (after != before) {
            tell(MemoryEvent.Kind.THRESHOLD, before, levelText(before));
        }
        if (grown > 0) {
            tell(MemoryEvent.Kind.RAPID_GROWTH, after, growthText(grown));
        }
        plan();
    }

    /** Takes one sample and keeps it; returns the bytes of a growth that is to be told, or 0. */
    private long take() {
        long begin = clock.nanos();
        double pauseShare = pauses.share(begin);
        if (overhead.decide(pauseShare, waitNanos(), begin) == MonitorMode.FULL) {
            probes.read();
        } else {
            probes.readBasic();
        }
        Pressure now = pressure(pauseShare);
        pressure = now;
        level = policy.read(now.worst(), begin);
        sampledMillis = clock.millis();
        history.append(sampledMillis, probes, live, pauseShare, now.worst());
        samples++;
        overhead.took(clock.nanos() - begin);
        return rapid(begin);
    }

    private Pressure pressure(double pauseShare) {
        MemoryConfig limits = config;
        long heapMax = heapMax();
        long cgroupLimit = probes.get(Column.CGROUP_LIMIT);
        long rss = probes.rssSource() == RssSource.UNRELIABLE ? Column.UNKNOWN : probes.get(Column.RSS);
        long stall = probes.get(Column.STALL_SOME);
        double process = Pressure.share(rss, limits.rssBudget(cgroupLimit));
        if (cgroupLimit > 0) {
            // whoever shares our container fills it too; what the kernel gets back by itself does not count
            long charged = probes.get(Column.CGROUP_USED) - Math.max(0, probes.get(Column.CGROUP_RECLAIMABLE));
            process = Math.max(process, Pressure.share(charged, MemoryConfig.containerBudget(cgroupLimit)));
        }
        return new Pressure(
                Pressure.share(live.provenBytes(heapMax), limits.heapBudget(heapMax)),
                process,
                Pressure.share(probes.get(Column.DIRECT_USED), probes.get(Column.DIRECT_MAX)),
                Pressure.lost(pauseShare),
                stall < 0 ? 0 : Pressure.lost(stall / 10_000.0),
                Pressure.share(probes.get(Column.OUTSIDE_USED), probes.get(Column.OUTSIDE_MAX)));
    }

    private long heapMax() {
        long told = probes.get(Column.HEAP_MAX);
        long most = Runtime.getRuntime().maxMemory();
        return told > 0 ? told : most == Long.MAX_VALUE ? Column.UNKNOWN : most;
    }

    private long rapid(long nowNanos) {
        long budget = config.heapBudget(heapMax());
        double grown = growth.bytesInSpan(nowNanos);
        boolean matters = budget > 0 && grown >= budget * RAPID && live.floorBytes() >= budget * RAPID_FROM;
        if (!matters || (rapidTold && nowNanos - rapidToldNanos < RAPID_REST_NANOS)) {
            return 0;
        }
        rapidTold = true;
        rapidToldNanos = nowNanos;
        return (long) grown;
    }

    /** Hears of a collection; on a thread of the JVM. */
    void collected(GcEvent event) {
        boolean hurry;
        lock.lock();
        try {
            long now = clock.nanos();
            pauses.paused(now, event.pauseMillis());
            long heapMax = heapMax();
            if (live.collected(event, heapMax) && live.hasFloor()) {
                growth.floor(now, live.floorBytes());
            }
            double heap = Pressure.share(live.provenBytes(heapMax), config.heapBudget(heapMax));
            boolean worse = heap >= config.line(MemoryLevel.WATCH) && heap > pressure.heap();
            hurry = worse && now - hasteNanos >= HASTE_NANOS;
            if (hurry) {
                hasteNanos = now;
            }
        } finally {
            lock.unlock();
        }
        Task planned = task;
        if (hurry && planned != null) {
            planned.runNow();
        }
    }

    private void plan() {
        Task planned = task;
        if (planned != null) {
            lock.lock();
            try {
                planned.reschedule(Duration.ofNanos(waitNanos()));
            } finally {
                lock.unlock();
            }
        }
    }

    /** Returns how long until the next sample: shorter the worse it is, and soon when a level waits to be confirmed. */
    private long waitNanos() {
        Duration most = switch (level) {
            case NORMAL -> Duration.ofMillis(config.intervalMs());
            case WATCH -> Duration.ofSeconds(10);
            case HIGH -> Duration.ofSeconds(5);
            case CRITICAL -> Duration.ofSeconds(2);
            case EMERGENCY -> Duration.ofSeconds(1);
        };
        long wait = Math.min(most.toNanos(), config.intervalMs() * 1_000_000);
        return policy.wantsConfirmation() ? Math.min(wait, CONFIRM.toNanos()) : wait;
    }

    private String levelText(MemoryLevel before) {
        Pressure now = pressure;
        return String.format(
                Locale.ROOT,
                "memory is %s, was %s: %s at %.0f %%, threshold %d %%; sampled each %d ms now",
                level,
                before,
                now.cause(),
                now.worst() * 100,
                config.threshold(),
                waitNanos() / 1_000_000);
    }

    private String growthText(long grown) {
        return String.format(
                Locale.ROOT,
                "what survives collections grew by %d MB in 10 minutes, to %d of %d MB; look at the trend and at what"
                        + " keeps it",
                grown >> 20,
                live.floorBytes() >> 20,
                config.heapBudget(heapMax()) >> 20);
    }

    private void tell(MemoryEvent.Kind kind, MemoryLevel before, String message) {
        Pressure now = pressure;
        events.tell(new MemoryEvent(kind, clock.millis(), level, before, now.worst(), now.cause(), message));
    }

    /** Tells every listener; for those parts of the governor that see what this one does not. */
    public void publish(MemoryEvent event) {
        events.tell(event);
    }

    /** Tells every listener something at the level and pressure of now. */
    public void publish(MemoryEvent.Kind kind, String message) {
        tell(kind, level, message);
    }

    /**
     * Adds a listener. It is called on the timer's thread, or that of whoever publishes, and must return at once.
     *
     * @throws IllegalStateException if there are 64
     */
    public Subscription onEvent(Consumer<MemoryEvent> listener) {
        return events.add(listener);
    }

    /** Returns the last events, the newest first, 100 at most. */
    public List<MemoryEvent> events(int most) {
        return events.last(most);
    }

    /** Returns the level of the last sample; costs nothing. */
    public MemoryLevel level() {
        return level;
    }

    /** Returns the pressure of the last sample; costs nothing. */
    public Pressure pressure() {
        return pressure;
    }

    /** Returns the least upper bound of what lives on the heap, {@link MemorySample#UNKNOWN} before a collection. */
    public long liveBytes() {
        lock.lock();
        try {
            return live.liveBytes();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the last floor of the live set, {@link MemorySample#UNKNOWN} before there is one. */
    public long liveFloorBytes() {
        lock.lock();
        try {
            return live.floorBytes();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the past. */
    public MemoryHistory history() {
        return history;
    }

    /** Returns the last sample; the first one is taken when the monitor starts. */
    public MemorySample sample() {
        lock.lock();
        try {
            return MemorySamples.of(this, probes, live, sampledMillis);
        } finally {
            lock.unlock();
        }
    }

    /** Reads everything now, on the caller's thread; neither the history nor the level hears of it. */
    public MemorySample sampleNow() {
        lock.lock();
        try {
            if (overhead.mode() == MonitorMode.FULL) {
                probes.read();
            } else {
                probes.readBasic();
            }
            return MemorySamples.of(this, probes, live, clock.millis());
        } finally {
            lock.unlock();
        }
    }

    /** Returns what watching costs. */
    public MonitorState state() {
        lock.lock();
        try {
            return new MonitorState(
                    mode(),
                    samples,
                    overhead.sampleMicros(),
                    overhead.longestMicros(),
                    history.retainedBytes() + (long) Events.KEPT * Events.BYTES + OWN_BYTES,
                    probes.states());
        } finally {
            lock.unlock();
        }
    }

    MonitorMode mode() {
        return task == null ? MonitorMode.OFF : overhead.mode();
    }

    double pauseShare() {
        return pauses.share(clock.nanos());
    }
}
