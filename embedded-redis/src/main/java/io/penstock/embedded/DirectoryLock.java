package io.penstock.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The right of one process to a data directory, until closed or until the process is gone, however it went. */
final class DirectoryLock implements AutoCloseable {
    /**
     * Far behind the pid: Windows refuses others to read a locked region, and they shall read who holds it.
     */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    /**
     * Directories this JVM holds. Looked at before the file is opened, because POSIX drops all locks of a process on a
     * file when the process closes any descriptor of it: a refused second attempt would unlock the first.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    static DirectoryLock acquire(Path directory) throws IOException {
        if (!HELD.add(directory)) {
            throw taken(
                    directory, "this process (pid " + ProcessHandle.current().pid() + ")");
        }
        FileChannel channel = null;
        try {
            Path file = directory.resolve("penstock.lock");
            if (!Files.exists(file)) createUnlessOvertaken(file);
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) throw taken(directory, "pid " + holder(channel));
            channel.truncate(0);
            channel.write(
                    StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
            return new DirectoryLock(directory, channel);
        } catch (IOException | RuntimeException failed) {
            if (channel != null) channel.close();
            HELD.remove(directory);
            throw failed;
        }
    }

    /** The file stays: deleting it would let a third process lock a new file while a second waits on the old one. */
    @Override
    public void close() throws IOException {
        try (channel) {
            channel.truncate(0);
        } finally {
            HELD.remove(directory);
        }
    }

    private static void createUnlessOvertaken(Path file) throws IOException {
        try {
            PrivateFiles.createFile(file);
        } catch (FileAlreadyExistsException overtaken) {
            return;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        channel.read(text, 0);
        String pid = StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
        return pid.isEmpty() ? "not written yet" : pid;
    }

    private static EmbeddedRedisException taken(Path directory, String holder) {
        return new EmbeddedRedisException(
                "The data directory is in use",
                directory + " is held by " + holder + ", and one server at a time may write there",
                "Nothing was started and nothing was changed",
                "Stop that process or choose another directory");
    }
}
