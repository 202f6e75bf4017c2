package io.penstock.memory.probe;

import io.penstock.runtime.Clock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that this process can learn of its memory, read in one pass into one row of numbers.
 *
 * <p>A probe that fails or is slow is switched off alone and tried again later; its numbers are then
 * {@link Column#UNKNOWN}, never the last or a likely one. What this system does not tell has no probe at all.
 *
 * <p>Threads: none of its methods may run at once with another; its owner locks. Time: below 0.1 ms, does not block.
 * Bound: one row, one buffer of 8 KiB, at most nine open files, closed by {@link #close}.
 */
public final class Probes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Probes.class);

    private final Clock clock;
    private final long[] row = new long[Column.count()];
    private final Circuit[] circuits;
    private final CollectorProbe collectors;
    private final RssSource rssSource;
    private final int cgroupVersion;

    private Probes(Clock clock, Found found) {
        this.clock = clock;
        this.collectors = found.collectors;
        this.rssSource = found.rssSource;
        this.cgroupVersion = found.cgroupVersion;
        this.circuits = found.probes.stream().map(Circuit::new).toArray(Circuit[]::new);
        Arrays.fill(row, Column.UNKNOWN);
    }

    /** Opens what this JVM and this system have. */
    public static Probes ofThisProcess(Clock clock, Outside outside) {
        return below(clock, outside, Path.of("/"));
    }

    /**
     * The same with the kernel's files below another folder, as they were recorded elsewhere.
     *
     * @param root the folder in which {@code proc} and {@code sys} lie
     */
    public static Probes below(Clock clock, Outside outside, Path root) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        Found found = new Found();
        found.probes.add(new HeapProbe(memory::getHeapMemoryUsage));
        found.probes.add(found.collectors);
        found.probes.add(new BufferProbe());
        found.probes.add(new NonHeapProbe());
        found.kernel(root);
        if (!outside.equals(Outside.NONE)) {
            found.probes.add(new OutsideProbe(outside));
        }
        return new Probes(clock, found);
    }

    /** For tests: these and nothing else. */
    static Probes of(Clock clock, Probe... probes) {
        Found found = new Found();
        found.probes.addAll(List.of(probes));
        return new Probes(clock, found);
    }

    /** Reads everything that is due. */
    public void read() {
        for (Circuit circuit : circuits) {
            circuit.read(clock, row);
        }
    }

    /** Reads the three numbers that cost nothing and cannot fail; all others become unknown. */
    public void readBasic() {
        for (Circuit circuit : circuits) {
            circuit.forget(row);
        }
        Runtime runtime = Runtime.getRuntime();
        long committed = runtime.totalMemory();
        row[Column.HEAP_USED.index()] = committed - runtime.freeMemory();
        row[Column.HEAP_COMMITTED.index()] = committed;
        row[Column.HEAP_MAX.index()] = runtime.maxMemory() == Long.MAX_VALUE ? Column.UNKNOWN : runtime.maxMemory();
    }

    /** Returns a number of the last reading, or {@link Column#UNKNOWN}. */
    public long get(Column column) {
        return row[column.index()];
    }

    /** Returns what each bean of the collector has counted, asked for now. */
    public List<CollectorTotals> collectors() {
        return collectors.totals();
    }

    /** Returns where resident bytes come from here. */
    public RssSource rssSource() {
        return rssSource;
    }

    /** Returns 1 or 2, or 0 where no control group governs memory. */
    public int cgroupVersion() {
        return cgroupVersion;
    }

    /** Returns which probes there are and whether they are asked. */
    public List<ProbeState> states() {
        return Arrays.stream(circuits).map(Circuit::state).toList();
    }

    @Override
    public void close() {
        for (Circuit circuit : circuits) {
            circuit.close();
        }
    }

    /** What was found while looking round. */
    private static final class Found {
        private final List<Probe> probes = new ArrayList<>();
        private final CollectorProbe collectors = new CollectorProbe(ManagementFactory.getGarbageCollectorMXBeans());
        private RssSource rssSource = RssSource.UNAVAILABLE;
        private int cgroupVersion;

        /** A system may have any of these and not the next; none is worth more than its own line. */
        private void kernel(Path root) {
            byte[] buffer = new byte[ProcFile.MOST_BYTES];
            attempt("rss", () -> rss(root, buffer));
            attempt("cpu", () -> {
                if (Files.isReadable(root.resolve("proc/self/stat"))) {
                    probes.add(new CpuProbe(root, buffer));
                }
            });
            attempt("cgroup", () -> {
                CgroupProbe cgroup = CgroupProbe.find(root, buffer);
                if (cgroup != null) {
                    probes.add(cgroup);
                    cgroupVersion = cgroup.version();
                }
            });
            attempt("stall", () -> {
                StallProbe stall = StallProbe.find(root, buffer);
                if (stall != null) {
                    probes.add(stall);
                }
            });
        }

        private void rss(Path root, byte[] buffer) throws IOException {
            if (Files.isReadable(root.resolve("proc/self/status"))) {
                probes.add(new RssProbe(root, buffer));
                rssSource = CollectorProbe.mapsHeapThrice() ? RssSource.UNRELIABLE : RssSource.PROC;
            } else if (System.getProperty("os.name", "").startsWith("Mac")) {
                probes.add(PsProbe.ofThisProcess());
                rssSource = RssSource.PS;
            }
        }

        private static void attempt(String name, Opening opening) {
            try {
                opening.open();
            } catch (IOException | RuntimeException failed) {
                LOG.info("memory probe={} is not there: {}; its numbers are unknown", name, failed.toString());
            }
        }

        private interface Opening {
            void open() throws IOException;
        }
    }
}
