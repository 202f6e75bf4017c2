package io.penstock.memory;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.penstock.memory.probe.ClassHistogram;
import io.penstock.runtime.Clock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes and keeps {@link Snapshot}s, and writes a heap dump where that was allowed.
 *
 * <p>Bound: {@value #MOST} snapshots and {@value #MOST_BYTES} bytes; the oldest goes first. Threads: safe; taking one
 * holds no lock while the program stands still for a histogram.
 */
public final class Snapshots {
    static final int MOST = 20;
    static final int MOST_BYTES = 1 << 20;
    /** The classes that matter are among the first; 200 of them are 25 KB. */
    static final int MOST_CLASSES = 200;

    static final int MOST_TYPES = 200;
    private static final int MOST_EVENTS = 20;

    private final MemoryMonitor monitor;
    private final Clock clock;
    private final Supplier<Map<String, Long>> jobTypes;
    private final boolean heapDumpAllowed;
    private final Deque<Snapshot> kept = new ArrayDeque<>(); // newest first, guarded by this
    private long keptBytes; // guarded by this
    private long taken; // guarded by this

    /**
     * Makes an empty store.
     *
     * @param jobTypes names of job types with counts, asked with each snapshot
     * @param heapDumpAllowed false = {@link #heapDump} refuses; a dump holds every payload and secret of the process
     */
    public Snapshots(
            MemoryMonitor monitor, Clock clock, Supplier<Map<String, Long>> jobTypes, boolean heapDumpAllowed) {
        this.monitor = monitor;
        this.clock = clock;
        this.jobTypes = jobTypes;
        this.heapDumpAllowed = heapDumpAllowed;
    }

    /**
     * Takes one.
     *
     * @param histogram whether to stop the program for it, see {@link ClassHistogram#estimatePauseMillis}
     */
    public Snapshot take(boolean histogram) {
        MemorySample sample = monitor.sampleNow();
        long begin = clock.nanos();
        ClassHistogram classes = histogram ? ClassHistogram.take(MOST_CLASSES) : null;
        long millis = histogram ? (clock.nanos() - begin) / 1_000_000 : 0;
        return keep(sample, classes, millis, bounded(jobTypes.get()));
    }

    private synchronized Snapshot keep(
            MemorySample sample, @Nullable ClassHistogram classes, long millis, Map<String, Long> types) {
        taken++;
        Snapshot snapshot = new Snapshot(
                Long.toString(sample.timestamp(), Character.MAX_RADIX) + "-" + taken,
                sample.timestamp(),
                sample,
                monitor.state(),
                classes,
                millis,
                types,
                monitor.events(MOST_EVENTS));
        kept.addFirst(snapshot);
        keptBytes += snapshot.retainedBytes();
        while (kept.size() > MOST || (keptBytes > MOST_BYTES && kept.size() > 1)) {
            keptBytes -= kept.removeLast().retainedBytes();
        }
        return snapshot;
    }

    /** By name, so that two snapshots can be laid side by side. */
    private static Map<String, Long> bounded(Map<String, Long> all) {
        Map<String, Long> some = new LinkedHashMap<>();
        for (Map.Entry<String, Long> each : new TreeMap<>(all).entrySet()) {
            if (some.size() < MOST_TYPES) {
                some.put(each.getKey(), each.getValue());
            }
        }
        return Collections.unmodifiableMap(some);
    }

    /** Returns those that are kept, the newest first. */
    public synchronized List<Snapshot> list() {
        return List.copyOf(kept);
    }

    /** Drops this share of them, the oldest first; returns about how many bytes that were. */
    synchronized long drop(double share) {
        long before = keptBytes;
        for (long left = Math.round(kept.size() * share); left > 0; left--) {
            keptBytes -= kept.removeLast().retainedBytes();
        }
        return before - keptBytes;
    }

    /** Returns the one of this id, if it is still kept. */
    public synchronized Optional<Snapshot> find(String id) {
        return kept.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    /** Returns about how many bytes the kept ones hold. */
    public synchronized long retainedBytes() {
        return keptBytes;
    }

    /**
     * Writes all live objects into a file that only its owner may read. It stops the program for as long as that takes:
     * seconds a GB.
     *
     * @param file does not exist yet and ends in {@code .hprof}
     * @throws IllegalStateException if it was not allowed when this was made
     */
    public void heapDump(Path file) throws IOException {
        if (!heapDumpAllowed) {
            throw new IllegalStateException(
                    "heap dump " + file.getFileName() + " was not written: memory.snapshot.heap-dump"
                            + " is off, because a dump holds every payload and secret; nothing was stopped; switch it on, or"
                            + " take a snapshot with a histogram");
        }
        if (Files.exists(file) || !file.toString().endsWith(".hprof")) {
            throw new IOException("heap dump " + file.getFileName()
                    + " was not written: the file exists or its name does not end in .hprof; nothing was stopped;"
                    + " name a new file");
        }
        Path parent = file.toAbsolutePath().getParent();
        // the JVM writes by its own umask; inside a folder of ours nobody else can open it before its mode is set
        Path folder = Files.createTempDirectory(parent, ".dump");
        Path raw = folder.resolve("heap.hprof");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(raw.toString(), true);
            if (Files.getFileStore(raw).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(raw, PosixFilePermissions.fromString("rw-------"));
            }
            Files.move(raw, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(raw);
            Files.deleteIfExists(folder);
        }
    }
}
