package io.penstock.memory.probe;

/** One number of a reading of {@link Probes}; bytes, milliseconds and counts are never negative when they are known. */
public enum Column {
    /** Garbage included: for display, never for decisions. */
    HEAP_USED,
    HEAP_COMMITTED,
    /** Unknown where the JVM names no limit. */
    HEAP_MAX,
    /** Metaspace, code and whatever else the JVM counts beside the heap. */
    NON_HEAP_USED,
    METASPACE_USED,
    CODE_CACHE_USED,
    DIRECT_USED,
    DIRECT_MAX,
    MAPPED_USED,
    THREADS,
    /** Collections of any kind since the JVM began. */
    COLLECTIONS,
    /** Times the program was stopped to collect. */
    GC_PAUSES,
    GC_PAUSE_MILLIS,
    /** Collections that ran beside the program. */
    GC_CYCLES,
    GC_CYCLE_MILLIS,
    /** Resident bytes of the process; what they are worth says {@link RssSource}. */
    RSS,
    /** What the kernel charges to the container, its file cache included. */
    CGROUP_USED,
    /** The part of it that the kernel gives back by itself. */
    CGROUP_RECLAIMABLE,
    /** Unknown where there is no limit. */
    CGROUP_LIMIT,
    /** Where the kernel begins to slow the container down; version 2 only. */
    CGROUP_HIGH,
    /** How often that or the limit was met. */
    CGROUP_BREACHES,
    /** How often the kernel killed for want of memory. */
    CGROUP_KILLS,
    /** Share of the last 10 s in which somebody waited for memory, in hundredths of a percent. */
    STALL_SOME,
    /** The same for everybody at once. */
    STALL_FULL,
    /** Processor time of this process. */
    CPU_MILLIS,
    OUTSIDE_USED,
    OUTSIDE_MAX;

    /** Stands for a number that nobody could tell. */
    public static final long UNKNOWN = -1;

    private static final int COUNT = values().length;

    /** Returns its place in a row; rows live no longer than the process, so the order may change. */
    @SuppressWarnings("EnumOrdinal")
    int index() {
        return ordinal();
    }

    static int count() {
        return COUNT;
    }
}
