package io.penstock.payload;

import io.penstock.runtime.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A store of large payloads in a directory: for one host, or a file system that all of them share.
 *
 * <p>A directory for each day, a file for each payload, readable by its owner only and forced to the disk before its name
 * is given out. Files of days that are longer ago than {@code keep} are deleted by whoever puts something, looked for once
 * an hour and at most {@value #MOST_DELETED} at a time: this takes the orphans with the rest. Threads: safe, also of several
 * processes. Bound: the disk.
 */
public final class FilePayloadStore implements PayloadStore {
    /** Longest default delay and retention, with room. */
    public static final Duration DEFAULT_KEEP = Duration.ofDays(60);

    private static final int MOST_DELETED = 1_000;
    private static final long LOOK_MILLIS = Duration.ofHours(1).toMillis();
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    private static final Pattern NAME = Pattern.compile("\\d{1,6}/[0-9a-f]{32}");
    private static final Pattern DAY = Pattern.compile("\\d{1,6}");

    private final Path directory;
    private final Duration keep;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong lookedAtMillis = new AtomicLong();

    /**
     * A store in this directory, which is made if need be.
     *
     * @param keep what is older is deleted: a day or more, above the longest delay and retention of any job
     */
    public FilePayloadStore(Path directory, Duration keep, Clock clock) throws IOException {
        if (keep.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("payload store keep = " + keep + " is below P1D; nothing was set up;"
                    + " give more than the longest delay and retention of any job");
        }
        this.directory = directory;
        this.keep = keep;
        this.clock = clock;
        Files.createDirectories(directory, mode(directory, "rwx------"));
    }

    private static FileAttribute<?>[] mode(Path on, String rights) {
        return on.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }

    @Override
    public String put(byte[] bytes) throws IOException {
        long now = clock.millis();
        byte[] name = new byte[16];
        random.nextBytes(name);
        Path day = directory.resolve(Long.toString(now / DAY_MILLIS));
        Files.createDirectories(day, mode(day, "rwx------"));
        Path file = day.resolve(HexFormat.of().formatHex(name));
        Path part = day.resolve(file.getFileName() + ".part");
        try (FileChannel out = FileChannel.open(
                part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode(part, "rw-------"))) {
            for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
                out.write(left);
            }
            out.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        long looked = lookedAtMillis.get();
        if (now - looked > LOOK_MILLIS && lookedAtMillis.compareAndSet(looked, now)) {
            expire(now);
        }
        return day.getFileName() + "/" + file.getFileName();
    }

    private void expire(long now) throws IOException {
        long oldest = (now - keep.toMillis()) / DAY_MILLIS;
        int left = MOST_DELETED;
        for (Path day : list(directory, Integer.MAX_VALUE)) {
            String name = String.valueOf(day.getFileName());
            if (DAY.matcher(name).matches() && Long.parseLong(name) < oldest) {
                for (Path file : list(day, left)) {
                    Files.deleteIfExists(file);
                    left--;
                }
                if (left == 0) {
                    return;
                }
                Files.deleteIfExists(day);
            }
        }
    }

    private static List<Path> list(Path in, int most) throws IOException {
        try (Stream<Path> all = Files.list(in)) {
            return all.limit(most).toList();
        } catch (NoSuchFileException deletedMeanwhile) {
            return List.of();
        }
    }

    @Override
    public byte[] get(String name, int most) throws IOException {
        Path file = file(name);
        long size = Files.size(file);
        if (size > most) {
            throw new IOException("payload file of " + size + " bytes is over " + most + "; it was not read");
        }
        return Files.readAllBytes(file);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(file(name));
    }

    /** The name comes from Redis: it must not lead out of the directory. */
    private Path file(String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("a payload's name of " + name.length() + " characters is none of this store's");
        }
        return directory.resolve(name);
    }
}
