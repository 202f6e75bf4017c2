package io.penstock.memory.admission;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The line over direct buffers: what each type of job takes of them is learned, and no more is promised than three
 * quarters of what the JVM may have.
 *
 * <p>They are freed only when their owners are collected, so what is in use says little of what is needed: that is told by how much it
 * grows while so many jobs begin. The growth is shared out among the types that began, in proportion to how many did; over
 * some rounds that finds who it is. When the limit is reached the JVM collects by itself.
 *
 * <p>Bound: {@value #MOST} types a look. Threads: guarded by the load line.
 */
final class Direct {
    private static final double SHARE = 0.75;

    /** Types that began between two looks; those beyond are not charged. */
    private static final int MOST = 64;

    /** Part of an error that is believed at a look: at the first one, upwards and downwards. */
    private static final double FIRST = 0.7;

    private static final double RISE = 0.3;
    private static final double FALL = 0.15;

    /** Looks after which the least that was in use is taken anew: about a minute. */
    private static final int LEAST_LOOKS = 256;

    /** Less than this share of the limit for each job that began is noise of others. */
    private static final double LEAST = 0.0005;

    private final LongSupplier used;
    private final long limit;
    private final List<Footprint> begun = new ArrayList<>();
    private long usedBefore;
    private long base;
    private long least;
    private int looks;
    private long promised;
    private long within = Long.MAX_VALUE;

    Direct(LongSupplier used, long limit) {
        this.used = used;
        this.limit = limit;
        this.usedBefore = used.getAsLong();
        this.base = Math.max(0, usedBefore);
        this.least = base;
    }

    /** Of this JVM; its limit is that of -XX:MaxDirectMemorySize, or the heap's if that is not set. */
    static Direct ofThisJvm() {
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                return new Direct(pool::getMemoryUsed, limit());
            }
        }
        return new Direct(() -> 0, Long.MAX_VALUE);
    }

    private static long limit() {
        long set = 0;
        try {
            PlatformManagedObject bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            if (bean instanceof HotSpotDiagnosticMXBean hotspot) {
                set = Long.parseLong(hotspot.getVMOption("MaxDirectMemorySize").getValue());
            }
        } catch (RuntimeException unknown) { // another JVM: the heap's size is what most take
            set = 0;
        }
        return set > 0 ? set : Runtime.getRuntime().maxMemory();
    }

    boolean fits(Permit permit) {
        long needs = permit.footprint == null ? 0 : (long) permit.footprint.directBytes;
        return needs == 0 || base + promised + needs <= Math.min((long) (limit * SHARE), within);
    }

    /** Sets the second limit: what the process may have leaves so much for them. */
    void within(long bytes) {
        within = bytes;
    }

    long usedBytes() {
        return usedBefore;
    }

    /** Returns what nobody holds any longer, by what is promised: it is freed when the heap is collected, and not before. */
    long deadBytes() {
        return usedBefore - base - promised;
    }

    void began(Permit permit) {
        Footprint footprint = permit.footprint;
        if (footprint != null) {
            permit.directBytes = (long) footprint.directBytes;
            promised += permit.directBytes;
            if (footprint.begun++ == 0) {
                footprint.runningBefore = footprint.running;
                if (begun.size() < MOST) {
                    begun.add(footprint);
                }
            }
            footprint.running++;
        }
    }

    void left(Permit permit) {
        promised -= permit.directBytes;
        permit.directBytes = 0;
        if (permit.footprint != null) {
            permit.footprint.running--;
        }
    }

    /** One has ended: a type that is not known yet is looked at each time, or all would be admitted before it is. */
    void ended(Footprint footprint) {
        if (!footprint.known()) {
            look();
        }
    }

    /** Learns from how much more is in use. */
    void look() {
        long now = used.getAsLong();
        long grown = now - usedBefore;
        usedBefore = now;
        base = Math.max(0, Math.min(base, now - promised)); // what is there when jobs hold nothing
        least = looks++ % LEAST_LOOKS == 0 ? now : Math.min(least, now);
        double weight = 0;
        double expected = 0;
        for (Footprint each : begun) {
            double whole = whole(each);
            weight += whole;
            expected += whole * each.directBytes;
        }
        if (grown < 0 || weight == 0) {
            forget();
            return; // a collection freed some: how much was added meanwhile is unknown
        }
        learn((grown - expected) / weight, now);
        forget();
    }

    /** Nothing is believed downwards while as much is in use as was promised: what some free hides what others take. */
    private void learn(double error, long now) {
        if (error < 0 && now - least >= promised) {
            return;
        }
        for (Footprint each : begun) {
            double rise = each.directBytes == 0 ? FIRST : RISE;
            double next = each.directBytes + error * (error > 0 ? rise : FALL);
            each.directBytes = next < limit * LEAST ? 0 : next;
        }
    }

    /**
     * How many jobs' worth was taken since the last look. Those that run have taken half of theirs, as far as anybody knows;
     * so those that ran before took the other half now. Without these a steady load of jobs longer than the time between two
     * looks seemed to take up to twice what it took.
     */
    private static double whole(Footprint footprint) {
        return Math.max(1, footprint.begun + (footprint.runningBefore - footprint.running) / 2.0);
    }

    private void forget() {
        for (Footprint each : begun) {
            each.begun = 0;
        }
        begun.clear();
    }
}
