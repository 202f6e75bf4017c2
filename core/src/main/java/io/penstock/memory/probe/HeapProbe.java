package io.penstock.memory.probe;

import java.lang.management.MemoryUsage;
import java.util.function.Supplier;

/** Used, committed and most bytes of the heap. */
final class HeapProbe implements Probe {
    private final Supplier<MemoryUsage> heap;

    HeapProbe(Supplier<MemoryUsage> heap) {
        this.heap = heap;
    }

    @Override
    public String name() {
        return "heap";
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.HEAP_USED, Column.HEAP_COMMITTED, Column.HEAP_MAX};
    }

    @Override
    public void read(long[] row) {
        MemoryUsage usage;
        try {
            usage = heap.get();
        } catch (IllegalArgumentException torn) {
            return; // JDK-8207200: used above committed for a moment; the last numbers still hold
        }
        row[Column.HEAP_USED.index()] = usage.getUsed();
        row[Column.HEAP_COMMITTED.index()] = usage.getCommitted();
        row[Column.HEAP_MAX.index()] = usage.getMax(); // -1 is unknown here as well as there
    }
}
