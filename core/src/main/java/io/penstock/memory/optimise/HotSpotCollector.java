package io.penstock.memory.optimise;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.penstock.memory.gc.GcEvent;
import io.penstock.memory.gc.GcFeed;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Subscription;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The collector of this JVM, and the rule for asking it to collect: the only place in the house that does.
 *
 * <p>A collection is never asked for to avoid an OutOfMemoryError: the JVM collects the whole heap itself before it throws one.
 * It serves to verify the live set and to give memory back, at most every 5 minutes (the pair around a run counts as
 * one), where at least a tenth of the heap is expected to be dead, not when the JVM was told to ignore it, and only if the
 * collector runs beside the program or its pause is predicted to stay within 200 ms.
 *
 * <p>G1 with {@code ExplicitGCInvokesConcurrent} answers System.gc() with a concurrent cycle, which does not tell what is live
 * (see {@link Floor}). Where the pause is short enough a class histogram is asked for instead: it collects the whole heap
 * first, and its text is thrown away.
 *
 * <p>Threads: safe. Bound: {@value #MOST_WAITING} waiting for the next collection.
 */
final class HotSpotCollector implements Collector {
    /** A pair around a run counts as one. */
    static final Duration COOLDOWN = Duration.ofMinutes(5);

    static final double LEAST_GAIN_SHARE = 0.1;

    /** What a user of a web page hardly notices; and never while jobs with deadlines of seconds run. */
    static final long LONGEST_PAUSE_MILLIS = 200;

    /** Before anything was learned. Measured on 17 and 25: 0.40 to 0.57 ms for a live MB, 2.9 to 4.2 times that under load. */
    private static final double FIRST_MILLIS_PER_MB = 1.0;

    /** Smaller live sets say more about the cost of a safepoint than of a byte. */
    private static final long LEAST_TELLING_BYTES = 8 << 20;

    /** Notifications come 1 to 4 ms after the collection, and up to 104 ms on a loaded machine. */
    private static final long NOTIFICATION_MILLIS = 2_000;

    private static final int MOST_WAITING = 8;

    private final GcFeed feed;
    private final Clock clock;
    private final Map<String, GarbageCollectorMXBean> beans = new HashMap<>();
    private final boolean concurrent;
    private final boolean g1;
    private final String forbidden; // empty = not
    private final List<Waiting> waiting = new ArrayList<>(); // guarded by this

    private volatile @Nullable Floor latest;
    private double millisPerMb = FIRST_MILLIS_PER_MB; // guarded by this
    private boolean askedEver; // guarded by this
    private long askedNanos; // guarded by this

    /** Somebody waits for a collection that is later than those counted here. */
    private record Waiting(CompletableFuture<Floor> floor, Map<String, Long> counts) {}

    HotSpotCollector(GcFeed feed, Clock clock) {
        this.feed = feed;
        this.clock = clock;
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            beans.put(bean.getName(), bean);
        }
        g1 = beans.keySet().stream().anyMatch(name -> name.startsWith("G1 "));
        concurrent = beans.keySet().stream().anyMatch(name -> name.startsWith("ZGC") || name.startsWith("Shenandoah"))
                || (g1 && isOn("ExplicitGCInvokesConcurrent"));
        boolean collects = beans.keySet().stream().noneMatch(name -> name.startsWith("Epsilon"));
        forbidden = isOn("DisableExplicitGC")
                ? "the JVM runs with DisableExplicitGC"
                : collects ? "" : "this collector never collects";
    }

    private static boolean isOn(String option) {
        try {
            HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return vm != null && Boolean.parseBoolean(vm.getVMOption(option).getValue());
        } catch (IllegalArgumentException unknownOption) {
            return false;
        }
    }

    @Override
    public Subscription listen() {
        return feed.onCollection(this::told);
    }

    private void told(GcEvent event) {
        if (!event.wholeHeap() || !event.measured()) {
            return;
        }
        Floor floor = new Floor(event.usedAfterBytes(), !event.concurrent(), clock.nanos());
        latest = floor;
        List<CompletableFuture<Floor>> answered = new ArrayList<>();
        synchronized (this) {
            if (floor.exact()) {
                learn(event);
            }
            waiting.removeIf(one -> {
                boolean later = event.number() > one.counts().getOrDefault(event.collector(), 0L);
                if (later) {
                    answered.add(one.floor());
                }
                return later || one.floor().isDone();
            });
        }
        answered.forEach(one -> one.complete(floor));
    }

    /** Dearer at once, cheaper slowly: a pause that was predicted too short has already happened. */
    private void learn(GcEvent event) {
        if (event.usedAfterBytes() >= LEAST_TELLING_BYTES) {
            double seen = event.pauseMillis() / (event.usedAfterBytes() / 1_048_576.0);
            millisPerMb = Math.max(seen, 0.5 * millisPerMb + 0.5 * seen);
        }
    }

    @Override
    public @Nullable Floor latest() {
        return latest;
    }

    @Override
    public synchronized CompletableFuture<Floor> next() {
        waiting.removeIf(one -> one.floor().isDone());
        CompletableFuture<Floor> floor = new CompletableFuture<>();
        if (waiting.size() >= MOST_WAITING) {
            floor.completeExceptionally(new IllegalStateException("waiting for the next collection: " + waiting.size()
                    + " wait, the most that may; this one does not; end those that are no longer needed"));
            return floor;
        }
        Map<String, Long> counts = new HashMap<>();
        beans.forEach((name, bean) -> counts.put(name, bean.getCollectionCount()));
        waiting.add(new Waiting(floor, counts));
        return floor;
    }

    @Override
    public synchronized String refusal(long gainBytes, long liveBytes, long maxBytes) {
        if (!forbidden.isEmpty()) {
            return forbidden;
        }
        long left = askedNanos + COOLDOWN.toNanos() - clock.nanos();
        if (askedEver && left > 0) {
            return "a collection may be asked for every " + Texts.span(COOLDOWN) + ", the next one in "
                    + Texts.span(Duration.ofNanos(left));
        }
        if (gainBytes < LEAST_GAIN_SHARE * maxBytes) {
            return "a collection is expected to find " + Texts.bytes(gainBytes)
                    + " dead, less than a tenth of the heap";
        }
        if (!concurrent && !pauseIsShort(liveBytes, 1)) {
            return String.format(
                    Locale.ROOT,
                    "a collection would stop the program for about %.0f ms, more than %d",
                    pauseMillis(liveBytes),
                    LONGEST_PAUSE_MILLIS);
        }
        return "";
    }

    private double pauseMillis(long liveBytes) {
        return liveBytes / 1_048_576.0 * millisPerMb;
    }

    private boolean pauseIsShort(long liveBytes, int walks) {
        return liveBytes >= 0 && walks * pauseMillis(liveBytes) <= LONGEST_PAUSE_MILLIS;
    }

    @Override
    @SuppressWarnings("DoNotCallSuggester")
    public Floor collect(long liveBytes) throws Exception {
        boolean byHistogram;
        synchronized (this) {
            askedEver = true;
            askedNanos = clock.nanos();
            byHistogram = g1 && concurrent && pauseIsShort(liveBytes, 2); // it collects, then walks the heap
        }
        CompletableFuture<Floor> next = next();
        if (byHistogram) {
            DiagnosticCommand.run("gcClassHistogram", new String[0]);
        } else {
            System.gc();
        }
        if (g1 && concurrent && !byHistogram) {
            next.cancel(false); // its end is told by no bean on 17
            return usedNow();
        }
        try {
            Floor told = next.get(NOTIFICATION_MILLIS, TimeUnit.MILLISECONDS);
            // Shenandoah tells of a cycle before the regions it emptied are free: both are upper bounds, so the lower
            // is nearer
            return told.exact() || usedNow().bytes() >= told.bytes() ? told : usedNow();
        } catch (TimeoutException nobodyTold) {
            next.cancel(false);
            return usedNow();
        }
    }

    private Floor usedNow() {
        long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new Floor(used, false, clock.nanos());
    }
}
