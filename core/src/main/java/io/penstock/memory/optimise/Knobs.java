package io.penstock.memory.optimise;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Lets the collector shrink the heap during a run, by the options that HotSpot lets be set while it runs; afterwards each has
 * its old value again.
 *
 * <p>Threads: safe. Bound: four options.
 */
final class Knobs implements Step, AutoCloseable {
    /** Percent free after a collection: so little only while we want the rest back. */
    private static final String MIN_FREE = "5";

    private static final String MAX_FREE = "15";

    /** An idle G1 then starts a cycle of its own, and gives back what it empties; only if none came within this. */
    private static final String PERIODIC_MILLIS = "2000";

    /** How much room above the live set a soft limit leaves. */
    private static final double SOFT_MAX_ROOM = 1.25;

    private final Gauge gauge;
    private final @Nullable HotSpotDiagnosticMXBean vm =
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    private final Deque<VMOption> before = new ArrayDeque<>(); // newest first; guarded by this

    Knobs(Gauge gauge) {
        this.gauge = gauge;
    }

    @Override
    public String name() {
        return "shrink-heap";
    }

    @Override
    public Kind kind() {
        return Kind.COLLECTOR;
    }

    @Override
    public synchronized long run(double share) {
        if (!before.isEmpty()) {
            return UNKNOWN; // still turned, by a run whose end did not come
        }
        set("MinHeapFreeRatio", MIN_FREE); // the other order is refused when Max would fall below Min
        set("MaxHeapFreeRatio", MAX_FREE);
        set("G1PeriodicGCInterval", PERIODIC_MILLIS);
        long live = gauge.liveSetBytes();
        long max = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax();
        if (live > 0 && live * SOFT_MAX_ROOM < max) {
            set("SoftMaxHeapSize", Long.toString((long) (live * SOFT_MAX_ROOM)));
        }
        return UNKNOWN;
    }

    private void set(String option, String value) {
        try {
            if (vm != null && vm.getVMOption(option).isWriteable()) {
                VMOption old = vm.getVMOption(option);
                vm.setVMOption(option, value);
                before.push(old);
            }
        } catch (IllegalArgumentException notOfThisCollector) {
            return; // an option that this JVM does not have, or a value that its other options exclude
        }
    }

    /** Puts the old values back, in the opposite order. Does nothing if all have theirs. */
    @Override
    public synchronized void close() {
        while (vm != null && !before.isEmpty()) {
            VMOption old = before.pop();
            vm.setVMOption(old.getName(), old.getValue());
        }
    }
}
