package io.penstock.memory.probe;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Direct and mapped buffers, and threads. Buffers that a library allocates past the JDK's counter are not in it. */
final class BufferProbe implements Probe {
    private final BufferPoolMXBean[] pools =
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).toArray(BufferPoolMXBean[]::new);
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean(); // asking for the bean allocates 816 bytes
    private final long directMax = directMax();

    @Override
    public String name() {
        return "buffers";
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.DIRECT_USED, Column.DIRECT_MAX, Column.MAPPED_USED, Column.THREADS};
    }

    @Override
    public void read(long[] row) {
        long direct = Column.UNKNOWN;
        long mapped = 0;
        for (BufferPoolMXBean pool : pools) {
            if (pool.getName().equals("direct")) {
                direct = pool.getMemoryUsed();
            } else {
                mapped += Math.max(0, pool.getMemoryUsed());
            }
        }
        row[Column.DIRECT_USED.index()] = direct;
        row[Column.DIRECT_MAX.index()] = directMax;
        row[Column.MAPPED_USED.index()] = mapped;
        row[Column.THREADS.index()] = threads.getThreadCount();
    }

    /** 0 in the option means: as much as the heap. */
    private static long directMax() {
        try {
            HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            long set = Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
            return set > 0 ? set : Runtime.getRuntime().maxMemory();
        } catch (RuntimeException anotherVm) {
            return Column.UNKNOWN;
        }
    }
}
