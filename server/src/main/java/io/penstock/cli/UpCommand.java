package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.output.Streams;
import io.penstock.redis.RedisException;
import io.penstock.server.Installation;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.settings.SettingsException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code penstock up}: the server, until a signal ends it. */
@Command(
        name = "up",
        description = {
            "Start the server: REST, workers, and a Redis of its own unless one is named.",
            "Each option can also be set by its variable or in the file; an option goes before a variable,"
                    + " a variable before the file."
        },
        sortOptions = false)
final class UpCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Option(names = "--bind", paramLabel = "ADDRESS", description = "Listen here (127.0.0.1; PENSTOCK_BIND).")
    private @Nullable String bind;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Listen on this port, 0 for any (3001; PENSTOCK_PORT).")
    private @Nullable String port;

    @Option(names = "--redis", paramLabel = "URI", description = "Use this Redis (PENSTOCK_REDIS).")
    private @Nullable String redis;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Token and embedded Redis (~/.local/share/penstock; PENSTOCK_DATA_DIR).")
    private @Nullable String dataDir;

    @Option(names = "--concurrency", paramLabel = "N", description = "Jobs run at once (16; PENSTOCK_CONCURRENCY).")
    private @Nullable String concurrency;

    @Option(
            names = "--queues",
            paramLabel = "A,B",
            description = "Take jobs from these (all with jobs this server can run; PENSTOCK_QUEUES).")
    private @Nullable String queues;

    @Option(names = "--plugins", paramLabel = "DIR", description = "Jars with handlers (PENSTOCK_PLUGINS).")
    private @Nullable String plugins;

    @Option(names = "--demo", description = "Add the demo handlers and a little load (PENSTOCK_DEMO).")
    private boolean demo;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings as .properties (PENSTOCK_CONFIG).")
    private @Nullable Path config;

    @Option(names = "--read-only", description = "Refuse every change by REST (PENSTOCK_READ_ONLY).")
    private boolean readOnly;

    @Option(
            names = "--insecure-plaintext",
            description = "Allow a bind that others reach without TLS (PENSTOCK_INSECURE_PLAINTEXT).")
    private boolean insecurePlaintext;

    @Option(names = "--hosts", paramLabel = "A,B", description = "Further names of this server (PENSTOCK_HOSTS).")
    private @Nullable String hosts;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "TIME",
            description = "Time that running jobs get to end (25s; PENSTOCK_SHUTDOWN_TIMEOUT).")
    private @Nullable String shutdownTimeout;

    @Option(
            names = "--http-allow",
            paramLabel = "HOST,...",
            description = "Let jobs of type http post there (nowhere; PENSTOCK_HTTP_ALLOW).")
    private @Nullable String httpAllow;

    @Option(
            names = "--channel-allow",
            paramLabel = "HOST,...",
            description = "Let channels send there besides public addresses (PENSTOCK_CHANNEL_ALLOW).")
    private @Nullable String channelAllow;

    @Option(
            names = "--memory-admission-mode",
            paramLabel = "MODE",
            description = "Jobs without memory wait, run and are counted, or just run: enforce, monitor, off"
                    + " (enforce; PENSTOCK_MEMORY_ADMISSION_MODE).")
    private @Nullable String memoryAdmission;

    @Option(
            names = "--memory-load-line",
            paramLabel = "SHARE",
            description = "Share of the heap that may be filled (by the collector; PENSTOCK_MEMORY_LOAD_LINE).")
    private @Nullable String memoryLoadLine;

    @Option(
            names = "--memory-group-bytes",
            paramLabel = "BYTES",
            description =
                    "What running jobs of one group may need together (0, no budget; PENSTOCK_MEMORY_GROUP_BYTES).")
    private @Nullable String memoryGroup;

    @Option(
            names = "--memory-snapshot-heap-dump",
            paramLabel = "BOOL",
            description =
                    "An admin may write a heap dump, secrets and all (false; PENSTOCK_MEMORY_SNAPSHOT_HEAP_DUMP).")
    private @Nullable String memoryHeapDump;

    @Option(
            names = "--cache-near-mb",
            paramLabel = "MB",
            description = "All caches of this process (a sixteenth of the heap; PENSTOCK_CACHE_NEAR_MB).")
    private @Nullable String cacheNear;

    @Option(
            names = "--memory-optimization-threshold",
            paramLabel = "PERCENT",
            description = "Live set at which memory is freed (80; MEMORY_OPTIMIZATION_THRESHOLD).")
    private @Nullable String memoryThreshold;

    @Override
    public Integer call() throws InterruptedException {
        Main parent = Parent.of(main);
        Streams streams = parent.streams();
        Settings settings = Settings.read(flags(), file(streams, config), streams.environment());
        if (parent.dryRun()) {
            parent.note("the settings are legal; nothing was started");
            return Exit.OK;
        }
        CountDownLatch over = new CountDownLatch(1);
        for (String signal : new String[] {"TERM", "INT", "HUP"}) {
            Signals.register(signal, () -> stop(over));
        }
        try (Installation installation = start(settings, streams)) {
            streams.out().println("penstock ready on http://" + shown(installation.address()));
            streams.out().flush();
            over.await();
            Logger log = LoggerFactory.getLogger(UpCommand.class);
            log.info("stopping: running jobs get {}", settings.text(Setting.SHUTDOWN_TIMEOUT));
        }
        return Exit.OK;
    }

    /** The second signal does not wait for anything. */
    private static void stop(CountDownLatch over) {
        if (over.getCount() == 0) {
            Runtime.getRuntime().halt(Exit.INTERRUPTED);
        }
        over.countDown();
    }

    private static Installation start(Settings settings, Streams streams) {
        try {
            return Installation.start(settings, streams.err());
        } catch (RedisException away) {
            throw new Failure(Exit.UNREACHABLE, String.valueOf(away.getMessage()));
        } catch (SettingsException wrong) {
            throw wrong;
        } catch (RuntimeException failed) {
            throw new Failure(Exit.FAILURE, String.valueOf(failed.getMessage()));
        }
    }

    static String shown(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String text = host == null ? address.getHostString() : host.getHostAddress();
        return (text.contains(":") ? "[" + text + "]" : text) + ":" + address.getPort();
    }

    static @Nullable Path file(Streams streams, @Nullable Path flag) {
        String variable = streams.variable("PENSTOCK_CONFIG", "");
        return flag != null || variable.isEmpty() ? flag : Path.of(variable);
    }

    private Map<Setting, String> flags() {
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        put(flags, Setting.BIND, bind);
        put(flags, Setting.PORT, port);
        put(flags, Setting.REDIS, redis);
        put(flags, Setting.DATA_DIR, dataDir);
        put(flags, Setting.CONCURRENCY, concurrency);
        put(flags, Setting.QUEUES, queues);
        put(flags, Setting.PLUGINS, plugins);
        put(flags, Setting.DEMO, demo ? "true" : null);
        put(flags, Setting.READ_ONLY, readOnly ? "true" : null);
        put(flags, Setting.INSECURE_PLAINTEXT, insecurePlaintext ? "true" : null);
        put(flags, Setting.HOSTS, hosts);
        put(flags, Setting.SHUTDOWN_TIMEOUT, shutdownTimeout);
        put(flags, Setting.HTTP_ALLOW, httpAllow);
        put(flags, Setting.CHANNEL_ALLOW, channelAllow);
        put(flags, Setting.MEMORY_ADMISSION, memoryAdmission);
        put(flags, Setting.MEMORY_LOAD_LINE, memoryLoadLine);
        put(flags, Setting.MEMORY_GROUP, memoryGroup);
        put(flags, Setting.MEMORY_HEAP_DUMP, memoryHeapDump);
        put(flags, Setting.CACHE_NEAR, cacheNear);
        put(flags, Setting.MEMORY_THRESHOLD, memoryThreshold);
        return flags;
    }

    private static void put(Map<Setting, String> flags, Setting setting, @Nullable String text) {
        if (text != null) {
            flags.put(setting, text);
        }
    }
}
