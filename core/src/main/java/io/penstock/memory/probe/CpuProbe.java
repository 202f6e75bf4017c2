package io.penstock.memory.probe;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Processor time of this process by {@code /proc/self/stat}.
 *
 * <p>Not by the operating system's bean, which reads a dozen files and leaves 100 KB of garbage a look (measured).
 */
final class CpuProbe implements Probe {
    /** The kernel shows ticks of 1/100 s on every platform that Java 17 runs on. */
    private static final int MILLIS_A_TICK = 10;

    /** A tick of 10 ms says little of anything shorter. */
    private static final long EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    private final ProcFile stat;

    CpuProbe(Path root, byte[] buffer) throws IOException {
        stat = new ProcFile(root.resolve("proc/self/stat"), buffer);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Column[] columns() {
        return new Column[] {Column.CPU_MILLIS};
    }

    @Override
    public long everyNanos() {
        return EVERY_NANOS;
    }

    @Override
    public void read(long[] row) throws IOException {
        stat.read();
        int name = stat.last((byte) ')'); // the name may hold spaces and brackets of its own
        int user = stat.skip(name, 12); // fields 14 and 15, the bracket ends the second
        long ticks = stat.numberAt(user);
        long system = stat.numberAt(stat.skip(user, 1));
        if (name < 0 || ticks < 0 || system < 0) {
            throw new IOException("no processor times in /proc/self/stat");
        }
        row[Column.CPU_MILLIS.index()] = (ticks + system) * MILLIS_A_TICK;
    }

    @Override
    public void close() throws IOException {
        stat.close();
    }
}
