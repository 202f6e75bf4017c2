package io.penstock.memory.admission;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.PlatformManagedObject;

/**
 * What of this JVM's heap does not change.
 *
 * @param regionBytes the unit that G1 gives a large object whole multiples of; 0 with other collectors
 * @param concurrent whether the program allocates while the collector works, so that what it tells is told late
 * @param line the collector's own line, a share of the heap
 */
record HeapFacts(long maxBytes, long regionBytes, boolean concurrent, double line) {
    /**
     * Where collections stop the program. At 0.75 two of three processes of 64 MB had an OutOfMemoryError when something
     * else took a third of the heap at once; since 0.70 none.
     */
    static final double STOPPING = 0.70;

    /**
     * Shenandoah's: 0.70 of what it can fill. With 64 MB allocations failed and full collections began from four fifths of
     * the heap on (seen on 25: 49 to 54 MB in use), because of what it keeps free to evacuate into.
     */
    static final double SHENANDOAH = 0.55;

    /**
     * ZGC's: it counts whole pages of 2 MB, several of them just begun, so an idle process of 10 MB seems to hold 24; and
     * a thread that finds no page waits for a collection, it does not fail.
     */
    static final double ZGC = 0.75;

    HeapFacts(long maxBytes, long regionBytes, boolean concurrent) {
        this(maxBytes, regionBytes, concurrent, concurrent ? SHENANDOAH : STOPPING);
    }

    static HeapFacts ofThisJvm() {
        boolean g1 = false;
        boolean zgc = false;
        boolean shenandoah = false;
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            g1 |= bean.getName().startsWith("G1");
            zgc |= bean.getName().startsWith("ZGC");
            shenandoah |= bean.getName().startsWith("Shenandoah");
        }
        double line = zgc ? ZGC : shenandoah ? SHENANDOAH : STOPPING;
        return new HeapFacts(Runtime.getRuntime().maxMemory(), g1 ? region() : 0, zgc || shenandoah, line);
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

    /** What an array of so many bytes takes: half a region or more is given whole regions by G1. */
    long occupied(long bytes) {
        if (regionBytes > 0 && bytes >= regionBytes / 2) {
            return (bytes + regionBytes - 1) / regionBytes * regionBytes;
        }
        return bytes + bytes / 10; // headers, and the characters between the bytes
    }
}
