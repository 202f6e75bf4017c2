package io.penstock.memory.probe;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the container may have and has, by its control group, version 1 or 2.
 *
 * <p>A limit may stand on any ancestor: of those that we can see, the one with the least limit is read. What the kernel
 * charges holds its file cache, which it takes back before it kills, so that part is read too. Inside a container the
 * path of {@code /proc/self/cgroup} is often that of the host and leads nowhere; then the mount itself is our group.
 *
 * <p>Every 5 s at most: up to five files, 25 us each when cold.
 */
final class CgroupProbe implements Probe {
    /** Version 1 says "no limit" by the greatest multiple of a page; nobody has 4 EiB. */
    private static final long NO_LIMIT = 1L << 62;

    private static final long EVERY_NANOS = Duration.ofSeconds(5).toNanos();
    private static final byte[] INACTIVE_V1 = bytes("total_inactive_file ");
    private static final byte[] INACTIVE_V2 = bytes("inactive_file ");
    private static final byte[] HIGH = bytes("high ");
    private static final byte[] MAX = bytes("max ");
    private static final byte[] KILLS = bytes("oom_kill ");

    private final boolean second;
    private final ProcFile used;
    private final ProcFile limit;
    private final @Nullable ProcFile stat;
    private final @Nullable ProcFile high;
    private final @Nullable ProcFile events;

    private CgroupProbe(Path folder, boolean second, byte[] buffer) throws IOException {
        this.second = second;
        used = new ProcFile(folder.resolve(second ? "memory.current" : "memory.usage_in_bytes"), buffer);
        limit = new ProcFile(folder.resolve(limitFile(second)), buffer);
        stat = optional(folder.resolve("memory.stat"), buffer);
        high = second ? optional(folder.resolve("memory.high"), buffer) : null;
        events = optional(folder.resolve(second ? "memory.events" : "memory.failcnt"), buffer);
    }

    /** Returns the probe of the group of this process, or null where none is in charge of memory. */
    static @Nullable CgroupProbe find(Path root, byte[] buffer) throws IOException {
        Path own = group(root, false);
        boolean second = own == null;
        if (second) {
            own = group(root, true);
        }
        if (own == null) {
            return null;
        }
        Path mount = mount(root, second);
        Path best = null;
        long least = NO_LIMIT;
        for (Path folder = own; folder != null && folder.startsWith(mount); folder = folder.getParent()) {
            long limit = limitOf(folder.resolve(limitFile(second)), buffer);
            if (limit >= 0 && limit < least) {
                least = limit;
                best = folder;
            }
        }
        Path chosen = best == null ? own : best;
        boolean readable = Files.isReadable(chosen.resolve(limitFile(second)))
                && Files.isReadable(chosen.resolve(second ? "memory.current" : "memory.usage_in_bytes"));
        return readable ? new CgroupProbe(chosen, second, buffer) : null; // the root of version 2 has neither
    }

    /** Returns the folder of our group in the hierarchy that governs memory, or null. */
    static @Nullable Path group(Path root, boolean second) throws IOException {
        Path list = root.resolve("proc/self/cgroup");
        Path mount = mount(root, second);
        if (!Files.isReadable(list)
                || !Files.isDirectory(mount)
                || (second && !Files.exists(mount.resolve("cgroup.controllers")))) {
            return null;
        }
        for (String line : Files.readAllLines(list)) {
            String[] parts = line.split(":", 3);
            boolean ours = parts.length == 3
                    && (second
                            ? parts[0].equals("0")
                            : List.of(parts[1].split(",", -1)).contains("memory"));
            if (ours) {
                Path folder = mount.resolve(parts[2].substring(1)).normalize();
                return folder.startsWith(mount) && Files.isDirectory(folder) ? folder : mount;
            }
        }
        return null;
    }

    private static Path mount(Path root, boolean second) {
        return root.resolve(second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
    }

    private static String limitFile(boolean second) {
        return second ? "memory.max" : "memory.limit_in_bytes";
    }

    private static long limitOf(Path file, byte[] buffer) throws IOException {
        if (!Files.isReadable(file)) {
            return Column.UNKNOWN;
        }
        try (ProcFile limit = new ProcFile(file, buffer)) {
            limit.read();
            return limit.number();
        }
    }

    private static @Nullable ProcFile optional(Path path, byte[] buffer) throws IOException {
        return Files.isReadable(path) ? new ProcFile(path, buffer) : null;
    }

    int version() {
        return second ? 2 : 1;
    }

    @Override
    public String name() {
        return "cgroup";
    }

    @Override
    public Column[] columns() {
        return new Column[] {
            Column.CGROUP_USED,
            Column.CGROUP_RECLAIMABLE,
            Column.CGROUP_LIMIT,
            Column.CGROUP_HIGH,
            Column.CGROUP_BREACHES,
            Column.CGROUP_KILLS
        };
    }

    @Override
    public long everyNanos() {
        return EVERY_NANOS;
    }

    @Override
    public void read(long[] row) throws IOException {
        used.read();
        row[Column.CGROUP_USED.index()] = used.number();
        limit.read();
        row[Column.CGROUP_LIMIT.index()] = limited(limit.number());
        if (stat != null) {
            stat.read();
            row[Column.CGROUP_RECLAIMABLE.index()] = second ? stat.after(INACTIVE_V2) : stat.after(INACTIVE_V1);
        }
        if (high != null) {
            high.read();
            row[Column.CGROUP_HIGH.index()] = limited(high.number());
        }
        if (events != null) {
            events.read();
            row[Column.CGROUP_BREACHES.index()] =
                    second ? Math.max(0, events.after(HIGH)) + Math.max(0, events.after(MAX)) : events.number();
            row[Column.CGROUP_KILLS.index()] = second ? events.after(KILLS) : Column.UNKNOWN;
        }
    }

    private static long limited(long bytes) {
        return bytes < NO_LIMIT ? bytes : Column.UNKNOWN;
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        List<ProcFile> open = new ArrayList<>(List.of(used, limit));
        for (ProcFile file : new ProcFile[] {stat, high, events}) {
            if (file != null) {
                open.add(file);
            }
        }
        for (ProcFile file : open) {
            file.close();
        }
    }
}
