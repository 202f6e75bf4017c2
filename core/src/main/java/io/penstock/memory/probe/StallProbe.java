package io.penstock.memory.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How much of the last 10 s was lost waiting for memory: of our control group where it says so, else of the machine. */
final class StallProbe implements Probe {
    /** The kernel works out its means every 2 s. */
    private static final long EVERY_NANOS = Duration.ofSeconds(2).toNanos();

    private static final byte[] SOME = "some avg10=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FULL = "full avg10=".getBytes(StandardCharsets.US_ASCII);

    private final ProcFile pressure;

    private StallProbe(Path file, byte[] buffer) throws IOException {
        pressure = new ProcFile(file, buffer);
    }

    /** Returns null where the kernel does not tell. */
    static @Nullable StallProbe find(Path root, byte[] buffer) throws IOException {
        Path group = CgroupProbe.group(root, true);
        Path own = group == null ? null : group.resolve("memory.pressure");
        Path machine = root.resolve("proc/pressure/memory");
        for (Path file : own == null ? new Path[] {machine} : new Path[] {own, machine}) {
            if (Files.isReadable(file)) {
                StallProbe probe = new StallProbe(file, buffer);
                try {
                    probe.read(new long[Column.count()]);
                    return probe;
                } catch (IOException switchedOff) { // there, but not supported: the kernel was started with psi=0
                    probe.close();
                }
            }
        }
        return null;
    }

    @Override
    public String name() {
        return "stall";
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.STALL_SOME, Column.STALL_FULL};
    }

    @Override
    public long everyNanos() {
        return EVERY_NANOS;
    }

    @Override
    public void read(long[] row) throws IOException {
        pressure.read();
        row[Column.STALL_SOME.index()] = share(SOME);
        row[Column.STALL_FULL.index()] = share(FULL);
    }

    private long share(byte[] key) throws IOException {
        int at = pressure.find(key, 0);
        if (at < 0) {
            throw new IOException("no '" + new String(key, StandardCharsets.US_ASCII) + "' in the pressure of memory");
        }
        return pressure.hundredthsAt(at + key.length);
    }

    @Override
    public void close() throws IOException {
        pressure.close();
    }
}
