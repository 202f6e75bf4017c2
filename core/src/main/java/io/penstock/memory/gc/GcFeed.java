package io.penstock.memory.gc;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Subscription;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of every collection a few milliseconds after it ended.
 *
 * <p>It is built on the notifications of the collectors' beans and not on the usage thresholds of the pools, because
 * those come late or never: with G1 on 17 a collection threshold on the old generation did not fire at all.
 *
 * <p>Threads: safe; listeners are called on a thread of the JVM, one event at a time a collector, and must return at once. One
 * that throws is reported and keeps its place. Bound: {@value #MOST_LISTENERS} listeners. Closing it removes every
 * listener from the JVM's beans.
 */
public final class GcFeed implements AutoCloseable {
    /** The governor has three; more means that somebody subscribes again and again. */
    static final int MOST_LISTENERS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(GcFeed.class);

    /** Only G1 puts arrays there at once; between two collections nothing else can make it grow. */
    private static final String WITH_LARGE = "G1 Old Gen";

    private static final Set<String> OLD = Set.of(WITH_LARGE, "PS Old Gen", "Tenured Gen");
    private static final String SURVIVORS = "Survivor Space";

    /** The beans whose collections look at old objects too. */
    private static final Set<String> WHOLE_HEAP = Set.of(
            "G1 Old Generation",
            "PS MarkSweep",
            "MarkSweepCompact",
            "ZGC Cycles",
            "ZGC Major Cycles",
            "Shenandoah Cycles");

    private final Outage outage;
    private final Set<String> heapPools;
    private final List<NotificationEmitter> emitters = new ArrayList<>();
    private final NotificationListener listener = this::told;
    private final List<Consumer<GcEvent>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong oldAfter = new AtomicLong();

    /** Listens to the collectors of this JVM from now on. */
    public GcFeed(Clock clock) {
        outage = new Outage(LOG, clock, "listener to collections");
        heapPools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getName)
                .collect(Collectors.toUnmodifiableSet());
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (bean instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener(listener, null, null);
                emitters.add(emitter);
            }
        }
    }

    /**
     * Adds a listener.
     *
     * @throws IllegalStateException if there are {@value #MOST_LISTENERS}
     */
    public synchronized Subscription onCollection(Consumer<GcEvent> listener) {
        if (listeners.size() >= MOST_LISTENERS) {
            throw new IllegalStateException("listener to collections was not added: there are " + listeners.size()
                    + ", the most there may be; close those that are no longer needed");
        }
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private void told(Notification notification, Object none) {
        if (!notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            return;
        }
        GcEvent event = read(GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData()));
        for (Consumer<GcEvent> each : listeners) {
            try {
                each.accept(event);
                outage.worked();
            } catch (RuntimeException failed) {
                outage.failed(failed);
            }
        }
    }

    private GcEvent read(GarbageCollectionNotificationInfo info) {
        GcInfo gc = info.getGcInfo();
        // the "Pauses" beans of ZGC and Shenandoah report 0 bytes in every pool (seen on 17 and 25)
        boolean blind = info.getGcName().endsWith("Pauses");
        return new GcEvent(
                info.getGcName(),
                info.getGcCause(),
                WHOLE_HEAP.contains(info.getGcName()),
                info.getGcName().endsWith("Cycles"),
                blind ? GcEvent.UNKNOWN : heapUsed(gc.getMemoryUsageBeforeGc()),
                blind ? GcEvent.UNKNOWN : heapUsed(gc.getMemoryUsageAfterGc()),
                gc.getDuration(),
                gc.getId(),
                blind ? 0 : large(gc),
                survived(gc.getMemoryUsageAfterGc()),
                promoted(gc));
    }

    /** Where it is not told what large arrays took, they are part of this. */
    private long promoted(GcInfo gc) {
        long after = old(gc.getMemoryUsageAfterGc());
        boolean told = gc.getMemoryUsageAfterGc().containsKey(WITH_LARGE);
        return after - (told ? old(gc.getMemoryUsageBeforeGc()) : oldAfter.getAndSet(after));
    }

    private static long survived(Map<String, MemoryUsage> pools) {
        for (Map.Entry<String, MemoryUsage> pool : pools.entrySet()) {
            if (pool.getKey().endsWith(SURVIVORS)) {
                return pool.getValue().getUsed();
            }
        }
        return GcEvent.UNKNOWN;
    }

    private static long old(Map<String, MemoryUsage> pools) {
        for (String name : OLD) {
            MemoryUsage pool = pools.get(name);
            if (pool != null) {
                return pool.getUsed();
            }
        }
        return 0;
    }

    private long large(GcInfo gc) {
        MemoryUsage before = gc.getMemoryUsageBeforeGc().get(WITH_LARGE);
        MemoryUsage after = gc.getMemoryUsageAfterGc().get(WITH_LARGE);
        if (before == null || after == null) {
            return 0;
        }
        return Math.max(0, before.getUsed() - oldAfter.getAndSet(after.getUsed()));
    }

    private long heapUsed(Map<String, MemoryUsage> pools) {
        long sum = 0;
        for (Map.Entry<String, MemoryUsage> pool : pools.entrySet()) {
            if (heapPools.contains(pool.getKey())) {
                sum += pool.getValue().getUsed();
            }
        }
        return sum;
    }

    @Override
    public void close() {
        for (NotificationEmitter emitter : emitters) {
            try {
                emitter.removeNotificationListener(listener);
            } catch (ListenerNotFoundException alreadyGone) {
                LOG.trace("a collector's bean was left twice", alreadyGone);
            }
        }
        listeners.clear();
    }
}
