package io.penstock.monitor;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.memory.gc.GcEvent;
import io.penstock.runtime.Clock;
import io.penstock.series.Series;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The process as a whole: processor, threads, and what its collector takes.
 *
 * <p>Processor time comes from the operating system's bean, but by the one method of it that is a single system call:
 * its loads read a dozen files and leave 100 KB of garbage a look (measured). Threads: {@link #read} is the timer's,
 * {@link #collected} may be called by any.
 */
final class ProcessLook {
    static final List<String> NAMES =
            List.of("process.cpu.share", "process.threads", "process.gc.share", "process.pause.millis");

    /** The kernel counts in ticks of 10 ms: a share of less than this says nothing. */
    private static final long SHORTEST_NANOS = 500_000_000;

    private final Clock clock;
    private final @Nullable OperatingSystemMXBean system =
            ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean known ? known : null;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final int processors = Runtime.getRuntime().availableProcessors();
    private final AtomicLong pauses = new AtomicLong();
    private final AtomicLong longest = new AtomicLong();
    private long sinceNanos;
    private long sinceCpu;

    ProcessLook(Clock clock) {
        this.clock = clock;
        sinceNanos = clock.nanos();
        sinceCpu = cpuNanos();
    }

    void collected(GcEvent event) {
        pauses.addAndGet(event.pauseMillis());
        longest.accumulateAndGet(event.pauseMillis(), Math::max);
    }

    private long cpuNanos() {
        return system == null ? -1 : system.getProcessCpuTime();
    }

    void read(double[] row) {
        row[1] = threads.getThreadCount();
        long now = clock.nanos();
        long span = now - sinceNanos;
        if (span < SHORTEST_NANOS) {
            row[0] = row[2] = row[3] = Series.UNKNOWN;
            return;
        }
        long cpu = cpuNanos();
        row[0] = cpu < 0 || sinceCpu < 0
                ? Series.UNKNOWN
                : Math.min(1, Math.max(0, cpu - sinceCpu) / ((double) span * processors));
        row[2] = Math.min(1, pauses.getAndSet(0) * 1e6 / span);
        row[3] = longest.getAndSet(0);
        sinceNanos = now;
        sinceCpu = cpu;
    }
}
