package io.penstock.monitor;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.memory.MemorySample;
import io.penstock.series.Series;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The machine: its load, its memory, its disk.
 *
 * <p>A disk may be far away and hang, so this is not read on the timer's thread. One reader at a time.
 */
final class SystemLook {
    static final List<String> NAMES = List.of("system.load", "system.memory.free.bytes", "system.disk.free.bytes");

    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private final Supplier<MemorySample> memory;
    private final @Nullable Path dataDir;
    private @Nullable FileStore disk; // finding it reads the table of mounts, asking it is one system call

    SystemLook(Supplier<MemorySample> memory, @Nullable Path dataDir) {
        this.memory = memory;
        this.dataDir = dataDir;
    }

    void read(double[] row) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        row[0] = load < 0 ? Series.UNKNOWN : load; // some systems have none
        row[1] = freeMemory();
        row[2] = freeDisk();
    }

    /** What can be had without taking it from anybody; in a container what its limit leaves. */
    private double freeMemory() {
        double machine = ofMachine();
        MemorySample.Cgroup container = memory.get().cgroup();
        if (container.limitBytes() <= 0 || container.usedBytes() < 0) {
            return machine;
        }
        long charged = container.usedBytes() - Math.max(0, container.reclaimableBytes());
        double left = Math.max(0, container.limitBytes() - charged);
        return Double.isNaN(machine) ? left : Math.min(machine, left);
    }

    private static double ofMachine() {
        try {
            return available(Files.readString(MEMINFO, StandardCharsets.US_ASCII));
        } catch (IOException notLinux) {
            return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                    ? system.getFreeMemorySize()
                    : Series.UNKNOWN;
        }
    }

    /** Returns what the kernel says is available: free memory alone leaves out the caches that it gives up at once. */
    static double available(String meminfo) {
        String key = "MemAvailable:";
        int at = meminfo.indexOf(key);
        int end = at < 0 ? -1 : meminfo.indexOf(" kB", at);
        return end < 0
                ? Series.UNKNOWN
                : Long.parseLong(meminfo.substring(at + key.length(), end).strip()) * 1_024.0;
    }

    private double freeDisk() {
        Path dir = dataDir;
        if (dir == null) {
            return Series.UNKNOWN;
        }
        try {
            FileStore store = disk;
            if (store == null) {
                store = Files.getFileStore(dir);
                disk = store;
            }
            return store.getUsableSpace();
        } catch (IOException away) {
            disk = null; // it may have been mounted anew
            return Series.UNKNOWN;
        }
    }
}
