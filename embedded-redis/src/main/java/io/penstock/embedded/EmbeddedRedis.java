package io.penstock.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real redis-server or valkey-server as a child process, with append-only persistence in a data directory of its own.
 *
 * <p>It listens on a unix socket in a directory only this user may enter, or on 127.0.0.1 behind a random password. It
 * ends with this JVM, also when the JVM is killed (not on Windows: there only {@link #close()} ends it). On systems
 * without {@code setsid} (macOS) a Ctrl-C in the terminal reaches the server as well as this JVM.
 *
 * <p>Safe for use by several threads; {@code kill}, {@code restart} and {@code close} exclude each other. No threads of
 * its own. On an idle machine a start takes 20 ms (80 ms for the first in a JVM) plus the loading of the data, and 200 ms
 * more when the bundled executable is unpacked.
 */
public final class EmbeddedRedis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);

    private final DataDirectory directory;
    private final ServerBinary binary;
    private final Endpoint endpoint;
    private final Path conf;
    private final Duration startTimeout;
    private volatile ServerProcess process;
    private boolean closed;

    private EmbeddedRedis(
            DataDirectory directory, ServerBinary binary, Endpoint endpoint, Builder wish, Deadline deadline)
            throws IOException {
        this.directory = directory;
        this.binary = binary;
        this.endpoint = endpoint;
        this.startTimeout = wish.startTimeout;
        this.conf = directory.scratch().resolve("redis.conf");
        PrivateFiles.write(conf, wish.settings().redisConf(directory.path(), directory.log(), endpoint));
        this.process = launch(deadline);
    }

    /**
     * Starts a server with the defaults of {@link #builder()} on a directory, which is made when it is missing.
     *
     * @throws EmbeddedRedisException when no server runs here, or the directory is in use
     */
    public static EmbeddedRedis start(Path dataDir) {
        return builder().dataDir(dataDir).start();
    }

    /**
     * A server to be described: persistent with fsync every second, no memory limit, noeviction, unix socket where there
     * is one, a server of this system before the bundled one.
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Where it listens, as Lettuce's {@code RedisURI.create} reads it: {@code redis-socket:///path} or
     * {@code redis://:password@127.0.0.1:port}. The same after {@link #restart()}. May contain the password.
     */
    public String uri() {
        return endpoint.uri();
    }

    /** The number the server gives itself: {@code 7.0.15}, {@code valkey 8.0.1}. */
    public String version() {
        return binary.version().toString();
    }

    /** Whether the executable came out of the jar, which means Redis 6.2 (5.0 on Windows) without later fixes. */
    public boolean bundled() {
        return binary.bundled();
    }

    /** The server's process id; of the last run when it does not run. */
    public long pid() {
        return process.pid();
    }

    /** Where the data lie, as a real path. */
    public Path dataDir() {
        return directory.path();
    }

    /** Whether the server's process runs now. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Ends the server by SIGKILL, for crash tests. Even with fsync every second, writes that were acknowledged in the last
     * moment may be lost; with fsync always none are.
     */
    public synchronized void kill() {
        process.kill();
    }

    /**
     * Stops the server if it runs and starts it again on the same data, at the same {@link #uri()}.
     *
     * @throws EmbeddedRedisException when it does not come back; {@link #close()} is still due then
     */
    public synchronized void restart() {
        if (closed) {
            throw new EmbeddedRedisException(
                    "Embedded Redis cannot be restarted",
                    directory.path() + " is closed",
                    "Nothing was started",
                    "Start a new one on the same directory");
        }
        process.stop(endpoint);
        try {
            process = launch(Deadline.in(startTimeout));
        } catch (IOException failed) {
            throw notLaunched(failed);
        }
    }

    /**
     * Stops the server with SHUTDOWN, which syncs what it holds, then by TERM, then by KILL: 15 s at most. A second call
     * does nothing.
     */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        try {
            process.stop(endpoint);
        } finally {
            directory.close();
        }
    }

    /** Without the uri, which may hold the password. */
    @Override
    public String toString() {
        return "EmbeddedRedis " + version() + (bundled() ? " (bundled)" : "") + " at " + endpoint + ", pid " + pid();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    private ServerProcess launch(Deadline deadline) throws IOException {
        ServerProcess launched = ServerProcess.launch(binary, directory, conf);
        try {
            launched.awaitReady(endpoint, deadline);
            return launched;
        } catch (RuntimeException failed) {
            launched.killFamily();
            throw failed;
        }
    }

    private static EmbeddedRedisException notLaunched(IOException failed) {
        return new EmbeddedRedisException(
                "Redis could not be launched",
                failed.toString(),
                "Nothing is left running",
                "Look whether the data directory is writable and the system can start processes",
                failed);
    }

    /** What is wanted of a server; {@link #start()} starts it. Not for use by several threads. */
    public static final class Builder {
        /** Ten times what the loading of a 1 GiB append-only file takes; a server that ends is noticed at once. */
        private static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);

        private @Nullable Path dataDir;
        private @Nullable Path named;
        private String appendFsync = "everysec";
        private boolean persistence = true;
        private long maxMemoryBytes;
        private final List<String> extra = new ArrayList<>();
        private boolean unixSocket = !ServerProcess.WINDOWS;
        private Duration startTimeout = DEFAULT_START_TIMEOUT;
        private boolean preferBundled;

        private Builder() {}

        /** The directory of its data, made when missing. Without one: a temporary one that is deleted on close. */
        public Builder dataDir(Path directory) {
            dataDir = directory;
            return this;
        }

        /**
         * The server executable to run and no other. By default the one named in {@code PENSTOCK_REDIS_BINARY}, else the
         * first of {@code redis-server} and {@code valkey-server} in PATH that runs and is 5.0 or later, else the bundled.
         */
        public Builder binary(Path executable) {
            named = executable;
            return this;
        }

        /** {@code everysec} (default), {@code always} (no acknowledged write is ever lost) or {@code no}. */
        public Builder appendFsync(String policy) {
            appendFsync = policy;
            return this;
        }

        /** Whether writes go to the append-only file (default). Without, everything is gone after a stop. */
        public Builder persistence(boolean persistent) {
            persistence = persistent;
            return this;
        }

        /** Above this the server refuses writes that need memory; 0 (default) sets no limit. */
        public Builder maxMemoryBytes(long bytes) {
            maxMemoryBytes = bytes;
            return this;
        }

        /**
         * One more line of redis.conf; later lines win. At most 200. Those that make the server private or place its files
         * are refused.
         */
        public Builder setting(String name, String value) {
            extra.add(ServerSettings.line(name, value));
            return this;
        }

        /**
         * Whether to listen on a unix socket (default except on Windows), else on 127.0.0.1. Where no socket can be made,
         * 127.0.0.1 it is. Lettuce needs netty's native transport for a unix socket.
         */
        public Builder unixSocket(boolean wanted) {
            unixSocket = wanted && !ServerProcess.WINDOWS;
            return this;
        }

        /** How long a start may take, loading and the wait for an earlier server included; 60 s by default. */
        public Builder startTimeout(Duration timeout) {
            if (timeout.isZero() || timeout.isNegative()) {
                throw new EmbeddedRedisException(
                        "Embedded Redis refuses startTimeout",
                        timeout + " (legal: above zero)",
                        "Nothing was started",
                        "Give it seconds");
            }
            startTimeout = timeout;
            return this;
        }

        /** Whether the bundled executable goes before the environment and PATH; not by default, because it is old. */
        public Builder preferBundled(boolean prefer) {
            preferBundled = prefer;
            return this;
        }

        /**
         * Starts the server and returns when it has loaded its data and answers.
         *
         * @throws EmbeddedRedisException when no server runs here, the directory is in use, or the timeout passed
         */
        public EmbeddedRedis start() {
            long began = System.nanoTime();
            settings();
            Deadline deadline = Deadline.in(startTimeout);
            DataDirectory directory = DataDirectory.open(dataDir, deadline);
            try {
                ServerBinary binary = ServerBinaries.ofThisMachine().choose(named, preferBundled, directory);
                refuseDowngrade(binary, directory);
                var started = new EmbeddedRedis(directory, binary, endpoint(directory), this, deadline);
                LOG.info("{}, ready after {} ms", started, (System.nanoTime() - began) / 1_000_000);
                return started;
            } catch (IOException failed) {
                throw released(directory, notLaunched(failed));
            } catch (RuntimeException failed) {
                throw released(directory, failed);
            }
        }

        private static RuntimeException released(DataDirectory directory, RuntimeException failed) {
            try {
                directory.close();
            } catch (RuntimeException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
            return failed;
        }

        private ServerSettings settings() {
            return new ServerSettings(persistence, appendFsync, maxMemoryBytes, extra);
        }

        private Endpoint endpoint(DataDirectory directory) throws IOException {
            if (unixSocket) {
                var socket = directory.socket();
                if (socket.isPresent()) return Endpoint.unix(socket.get());
            }
            return Endpoint.loopback();
        }

        private void refuseDowngrade(ServerBinary binary, DataDirectory directory) {
            if (!persistence || binary.version().readsMultiPartAof() || !directory.holdsMultiPartAof()) return;
            throw new EmbeddedRedisException(
                    "The data directory was written by Redis 7 or later",
                    directory.path() + " holds appendonlydir, which " + binary.path() + " (" + binary.version()
                            + ") would ignore and start empty",
                    "Nothing was started and nothing was changed",
                    "Use Redis 7 or later (install it or name it in " + ServerBinaries.VARIABLE
                            + "), or another directory");
        }
    }
}
