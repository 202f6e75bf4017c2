package io.penstock.bench;

import com.sun.management.OperatingSystemMXBean;
import io.penstock.runtime.Threads;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process and machine say of themselves. */
final class Facts {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Facts() {}

    static boolean virtualThreads() {
        return Threads.virtualAvailable();
    }

    /** Processor time of all threads of this process, the JVM's own included. */
    static double cpuMicros() {
        return SYSTEM.getProcessCpuTime() / 1e3;
    }

    /** Runnable processes of the machine over the last minute; negative where it is not told. */
    static double load() {
        return SYSTEM.getSystemLoadAverage();
    }

    /** Resident memory of this process; NaN where there is no /proc. */
    static double rssMegabytes() {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return Double.NaN;
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException gone) {
            return Double.NaN;
        }
    }

    static String java() {
        return System.getProperty("java.version", "?");
    }

    static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }
}
