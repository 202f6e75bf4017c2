package io.penstock.memory.admission;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;

/**
 * What of this JVM's heap does not change.
 *
 * @param regionBytes the unit that G1 gives a large object whole multiples of; 0 with other collectors
 * @param concurrent whether the program allocates while the collector works, so that more must be kept free
 */
record HeapFacts(long maxBytes, long regionBytes, boolean concurrent) {
    static HeapFacts ofThisJvm() {
        boolean g1 = false;
        boolean concurrent = false;
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            g1 |= bean.getName().startsWith("G1");
            concurrent |= bean.getName().startsWith("ZGC") || bean.getName().startsWith("Shenandoah");
        }
        return new HeapFacts(Runtime.getRuntime().maxMemory(), g1 ? region() : 0, concurrent);
    }

    private static long region() {
        try {
            PlatformManagedObject bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return bean instanceof HotSpotDiagnosticMXBean hotspot
                    ? Long.parseLong(hotspot.getVMOption("G1HeapRegionSize").getValue())
                    : 0;
        } catch (RuntimeException unknown) { // another JVM: costs are then a little too small
            return 0;
        }
    }

    /**
     * The collector's own line: a concurrent one needs room for what is allocated during its cycle. At 0.75 two of three
     * processes of 64 MB had an OutOfMemoryError when something else took a third of the heap at once; since 0.70 none.
     */
    double line() {
        return concurrent ? 0.60 : 0.70;
    }

    /** What an array of so many bytes takes: half a region or more is given whole regions by G1. */
    long occupied(long bytes) {
        if (regionBytes > 0 && bytes >= regionBytes / 2) {
            return (bytes + regionBytes - 1) / regionBytes * regionBytes;
        }
        return bytes + bytes / 10; // headers, and the characters between the bytes
    }
}
