package io.penstock.memory.probe;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;

/**
 * Collections and their time, with pauses apart from what ran beside the program.
 *
 * <p>ZGC and Shenandoah have a bean for cycles and one for pauses; the beans of the other collectors, that of G1's
 * marking included, count pauses only.
 */
final class CollectorProbe implements Probe {
    private final GarbageCollectorMXBean[] beans;
    private final boolean[] cycles;
    private final boolean[] pausesOfCycles;

    CollectorProbe(List<? extends GarbageCollectorMXBean> collectors) {
        beans = collectors.toArray(GarbageCollectorMXBean[]::new);
        cycles = new boolean[beans.length];
        pausesOfCycles = new boolean[beans.length];
        for (int i = 0; i < beans.length; i++) {
            cycles[i] = beans[i].getName().endsWith("Cycles");
            pausesOfCycles[i] = beans[i].getName().endsWith("Pauses");
        }
    }

    @Override
    public String name() {
        return "collectors";
    }

    @Override
    public Column[] columns() {
        return new Column[] {
            Column.COLLECTIONS, Column.GC_PAUSES, Column.GC_PAUSE_MILLIS, Column.GC_CYCLES, Column.GC_CYCLE_MILLIS
        };
    }

    @Override
    public void read(long[] row) {
        long pauses = 0;
        long pauseMillis = 0;
        long runs = 0;
        long runMillis = 0;
        long collections = 0;
        for (int i = 0; i < beans.length; i++) {
            long count = Math.max(0, beans[i].getCollectionCount());
            long millis = Math.max(0, beans[i].getCollectionTime());
            if (cycles[i]) {
                runs += count;
                runMillis += millis;
            } else {
                pauses += count;
                pauseMillis += millis;
            }
            collections += pausesOfCycles[i] ? 0 : count;
        }
        row[Column.COLLECTIONS.index()] = collections;
        row[Column.GC_PAUSES.index()] = pauses;
        row[Column.GC_PAUSE_MILLIS.index()] = pauseMillis;
        row[Column.GC_CYCLES.index()] = runs;
        row[Column.GC_CYCLE_MILLIS.index()] = runMillis;
    }

    List<CollectorTotals> totals() {
        return Stream.of(beans)
                .map(bean -> new CollectorTotals(
                        bean.getName(),
                        bean.getName().endsWith("Cycles"),
                        bean.getCollectionCount(),
                        bean.getCollectionTime()))
                .toList();
    }

    /** Tells whether the heap is mapped three times, so that the kernel counts its pages up to thrice. */
    static boolean mapsHeapThrice() {
        // the generational one calls its beans "ZGC Minor Cycles" and "ZGC Major Cycles", and maps once
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .anyMatch(bean -> bean.getName().equals("ZGC Cycles"));
    }
}
