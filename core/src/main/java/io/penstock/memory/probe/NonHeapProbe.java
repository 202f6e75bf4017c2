package io.penstock.memory.probe;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * Metaspace, code cache and all of the JVM's own memory that it counts.
 *
 * <p>Every 10 s at most: these change with classes and compilers, and each pool costs 48 bytes and 5 us cold.
 */
final class NonHeapProbe implements Probe {
    private static final long EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    private final MemoryPoolMXBean[] metaspace = pools(name -> name.equals("Metaspace")); // the class space is within
    private final MemoryPoolMXBean[] code = pools(name -> name.startsWith("Code"));

    @Override
    public String name() {
        return "non-heap";
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.NON_HEAP_USED, Column.METASPACE_USED, Column.CODE_CACHE_USED};
    }

    @Override
    public long everyNanos() {
        return EVERY_NANOS;
    }

    @Override
    public void read(long[] row) {
        row[Column.NON_HEAP_USED.index()] = memory.getNonHeapMemoryUsage().getUsed();
        row[Column.METASPACE_USED.index()] = sum(metaspace);
        row[Column.CODE_CACHE_USED.index()] = sum(code);
    }

    private static long sum(MemoryPoolMXBean[] pools) {
        long sum = pools.length == 0 ? Column.UNKNOWN : 0;
        for (MemoryPoolMXBean pool : pools) {
            MemoryUsage usage = pool.getUsage();
            sum += usage == null ? 0 : usage.getUsed(); // null once a pool has ceased to be
        }
        return sum;
    }

    private static MemoryPoolMXBean[] pools(Predicate<String> wanted) {
        List<MemoryPoolMXBean> all = ManagementFactory.getMemoryPoolMXBeans();
        return all.stream().filter(pool -> wanted.test(pool.getName())).toArray(MemoryPoolMXBean[]::new);
    }
}
