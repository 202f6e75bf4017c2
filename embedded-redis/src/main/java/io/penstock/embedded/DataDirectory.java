package io.penstock.embedded;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one server, locked: what lasts (append-only file, log, unpacked executable) and the scratch directory
 * with socket and redis.conf, which is removed when the server stops.
 */
final class DataDirectory implements AutoCloseable {
    /** The kernel's limit is 104 to 108 bytes with the closing zero; 100 is safe everywhere. */
    static final int MAX_SOCKET_PATH_BYTES = 100;

    private static final String SOCKET = "redis.sock";
    private static final String SCRATCH_PREFIX = "run-";
    private static final long STALE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Linux counts the start of a process from a boot time in whole seconds, so it may look a second too late or early. */
    private static final Duration CLOCK_SLACK = Duration.ofSeconds(2);

    private final Path path;
    private final boolean temporary;
    private final DirectoryLock lock;
    private Path scratch;

    private DataDirectory(Path path, boolean temporary, DirectoryLock lock, Path scratch) {
        this.path = path;
        this.temporary = temporary;
        this.lock = lock;
        this.scratch = scratch;
    }

    /**
     * Opens and locks the directory, having waited for a server that an earlier process left behind; without a wish, a
     * new one in the temporary folder that vanishes on close.
     */
    static DataDirectory open(@Nullable Path wanted, Deadline deadline) {
        try {
            Path path = made(wanted).toRealPath();
            DirectoryLock lock = DirectoryLock.acquire(path);
            try {
                awaitStaleServer(path, deadline);
                clearScratchOfTheDead(path);
                Path scratch = PrivateFiles.createRandomDirectory(path, SCRATCH_PREFIX);
                return new DataDirectory(path, wanted == null, lock, scratch);
            } catch (IOException | RuntimeException failed) {
                lock.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw new EmbeddedRedisException(
                    "The data directory cannot be used",
                    (wanted == null ? "a temporary one" : wanted) + ": " + failed,
                    "Nothing was started",
                    "Choose a directory on a local disk that this user may write",
                    failed);
        }
    }

    private static Path made(@Nullable Path wanted) throws IOException {
        if (wanted == null) return Files.createTempDirectory("penstock-redis-");
        PrivateFiles.createDirectories(wanted);
        return wanted;
    }

    Path path() {
        return path;
    }

    /** Private to this run: 0700, with a random name. */
    Path scratch() {
        return scratch;
    }

    Path binaries() {
        return path.resolve("bin");
    }

    Path log() {
        return path.resolve("redis.log");
    }

    Path pidFile() {
        return pidFile(path);
    }

    /** What goes when the server goes for good. */
    Path doomed() {
        return temporary ? path : scratch;
    }

    /** Written by Redis 7 and later; older servers would start empty beside it and call that success. */
    boolean holdsMultiPartAof() {
        return Files.exists(path.resolve("appendonlydir"));
    }

    /**
     * A place for the socket, tried with a socket of our own: some mounted file systems refuse. A path that is too long
     * moves the scratch directory into the temporary folder.
     */
    Optional<Path> socket() throws IOException {
        Path here = scratch.resolve(SOCKET);
        if (accepts(here)) return Optional.of(here);
        if (temporary) return Optional.empty();
        Path elsewhere = Files.createTempDirectory("penstock-");
        Path there = elsewhere.resolve(SOCKET);
        if (!accepts(there)) {
            PrivateFiles.deleteTree(elsewhere);
            return Optional.empty();
        }
        PrivateFiles.deleteTree(scratch);
        scratch = elsewhere;
        return Optional.of(there);
    }

    /** Removes what does not last and gives the directory free, also on an interrupted thread. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted(); // it would close the lock's channel under our hands
        try (lock) {
            PrivateFiles.deleteTree(doomed());
            if (staleServer(pidFile()).filter(ServerProcess::runs).isEmpty()) Files.deleteIfExists(pidFile());
        } catch (IOException failed) {
            throw new EmbeddedRedisException(
                    "The embedded server's files cannot be removed",
                    doomed() + ": " + failed,
                    "The server is stopped; the files stay",
                    "Delete them by hand",
                    failed);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private static boolean accepts(Path socket) {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length >= MAX_SOCKET_PATH_BYTES) return false;
        try (var probe = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.bind(UnixDomainSocketAddress.of(socket));
            Files.delete(socket);
            return true;
        } catch (IOException | UnsupportedOperationException refused) {
            return false;
        }
    }

    /**
     * When a parent is killed its server still writes its append-only file for a moment. Two servers on one file would
     * destroy it, so the second waits.
     */
    private static void awaitStaleServer(Path path, Deadline deadline) throws IOException {
        Optional<ProcessHandle> stale = staleServer(pidFile(path));
        while (stale.isPresent() && ServerProcess.runs(stale.get())) {
            if (deadline.passed() || Thread.currentThread().isInterrupted()) {
                throw new EmbeddedRedisException(
                        "A Redis server of an earlier process still uses the data directory",
                        "pid " + stale.get().pid() + " on " + path + ", waited for at most "
                                + deadline.bound().toMillis() + " ms",
                        "Nothing was started, because two servers would destroy each other's append-only file",
                        "Stop that process (kill " + stale.get().pid() + ") and start again");
            }
            LockSupport.parkNanos(STALE_POLL_NANOS);
        }
    }

    /** The process of the pid file, unless the number has since been given to a younger one. */
    private static Optional<ProcessHandle> staleServer(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) return Optional.empty();
        Instant written = Files.getLastModifiedTime(pidFile).toInstant();
        String pid = Files.readString(pidFile).strip();
        if (!pid.matches("\\d{1,18}")) return Optional.empty();
        return ProcessHandle.of(Long.parseLong(pid))
                .filter(process -> process.info()
                        .startInstant()
                        .map(started -> started.isBefore(written.plus(CLOCK_SLACK)))
                        .orElse(true));
    }

    private static void clearScratchOfTheDead(Path path) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(path, SCRATCH_PREFIX + "????????")) {
            for (Path leftover : leftovers) PrivateFiles.deleteTree(leftover);
        }
    }

    private static Path pidFile(Path path) {
        return path.resolve("redis.pid");
    }
}
