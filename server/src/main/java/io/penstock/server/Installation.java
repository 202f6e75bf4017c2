package io.penstock.server;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.runtime.Clock;
import io.penstock.server.engine.Engine;
import io.penstock.server.settings.Address;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.SealedPayloads;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.settings.SettingsException;
import io.penstock.server.settings.TokenFile;
import io.penstock.server.web.SignInLink;
import io.penstock.server.wire.Text;
import io.penstock.worker.WorkerConfig;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that {@code penstock up} starts, started in order and stopped in the opposite one.
 *
 * <p>A start that fails half way stops what it had started.
 */
public final class Installation implements AutoCloseable {
    /** A gibibyte holds four million waiting jobs of 200 bytes; beyond it producers are refused, not the host starved. */
    private static final long EMBEDDED_BYTES = 1L << 30;

    private static final Logger LOG = LoggerFactory.getLogger(Installation.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // last started first
    private @Nullable EmbeddedRedis embedded;
    private @Nullable Server server;

    private Installation(@Nullable Penstock host, Settings settings, PrintStream hints) {
        try {
            checkBind(settings);
            Path dataDir = settings.path(Setting.DATA_DIR);
            TokenFile.directory(dataDir);
            boolean made = !Files.exists(TokenFile.in(dataDir));
            String token = token(settings, dataDir, hints);
            LiveSettings live = LiveSettings.open(settings);
            Penstock penstock = host != null ? governed(host, live) : own(connect(settings, dataDir, live));
            live.obey(
                    Set.of(Setting.CACHE_NEAR),
                    now -> penstock.caches().maxNearBytes((long) now.number(Setting.CACHE_NEAR) << 20));
            Engine engine = new Engine(penstock);
            if (embedded != null) {
                own(new RedisKeeper(embedded, engine.timer(), engine.threads())).start();
            }
            engine.tendAll();
            Work work = new Work(penstock, engine, settings);
            Server http = own(new Server(engine, work, live, token));
            this.server = http;
            own(work); // above the server: jobs end while probes and workers elsewhere are still answered
            work.start();
            http.start();
            if (settings.text(Setting.TOKEN).isEmpty() && made) {
                link(http, hints);
            }
        } catch (Throwable failed) {
            close();
            throw failed;
        }
    }

    /**
     * Starts a server as its settings say.
     *
     * @param hints what a person should read once
     * @throws SettingsException if the settings do not fit this machine
     * @throws io.penstock.redis.RedisException if Redis cannot be reached
     */
    public static Installation start(Settings settings, PrintStream hints) {
        return new Installation(null, settings, hints);
    }

    /**
     * Starts REST and dashboard beside an application, over its own Penstock: one governor, one timer and one connection for
     * both. Memory follows the settings given here, and what is changed at run time; its Redis, pool, payloads and monitoring
     * stay the application's, which also closes it, after this. Closing this stops the application's workers as
     * {@code Worker.close} does.
     *
     * @throws SettingsException if the settings do not fit this machine
     */
    public static Installation beside(Penstock host, Settings settings, PrintStream hints) {
        return new Installation(host, settings, hints);
    }

    private static Penstock governed(Penstock host, LiveSettings live) {
        host.memory().policy(live.now().memoryPolicy());
        host.memory().line().govern(live.now().loadLine(host.memory().line()));
        return host;
    }

    private Penstock connect(Settings settings, Path dataDir, LiveSettings live) {
        return Penstock.connect(config(settings, dataDir)
                .memory(live.now().memoryPolicy())
                .loadLine(live.now().loadLine())
                .pool(settings.pool())
                .payloads(SealedPayloads.of(settings, Clock.system()))
                .monitor(live.now().monitor()));
    }

    private static void checkBind(Settings settings) {
        String bind = settings.text(Setting.BIND);
        if (!Address.loopback(bind) && !settings.flag(Setting.INSECURE_PLAINTEXT)) {
            throw new SettingsException(
                    "bind = \"" + Text.shown(bind) + "\" ("
                            + settings.value(Setting.BIND).origin()
                            + ") can be reached from other machines, and tokens would cross the network in the clear; nothing was started;"
                            + " bind 127.0.0.1 behind a proxy that does TLS, or add --insecure-plaintext if the network is yours alone");
        }
    }

    private static String token(Settings settings, Path dataDir, PrintStream hints) {
        String given = settings.text(Setting.TOKEN);
        if (!given.isEmpty()) {
            return given;
        }
        TokenFile file = TokenFile.open(dataDir);
        if (file.made()) {
            hints.println("penstock: made an access token, kept in "
                    + file.path().toAbsolutePath() + " (mode 0600) and shown only now:");
            hints.println("penstock:   " + file.token());
            hints.println("penstock: this machine's command line finds it there; elsewhere set PENSTOCK_TOKEN.");
        }
        return file.token();
    }

    private static void link(Server http, PrintStream hints) {
        InetSocketAddress address = http.address();
        InetAddress host = address.getAddress();
        String name = host.isAnyLocalAddress() || host.isLoopbackAddress() ? "localhost" : host.getHostAddress();
        hints.println("penstock: sign in to the dashboard with this link, once and within "
                + SignInLink.LENGTH.toMinutes() + " minutes:");
        hints.println("penstock:   http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + address.getPort()
                + "/sign-in#code=" + http.signInCode());
    }

    private PenstockConfig config(Settings settings, Path dataDir) {
        // the reclaimers of queues that this process tends but does not work for wait by it too
        return PenstockConfig.of(redis(settings, dataDir))
                .worker(WorkerConfig.named("server").leaseLength(settings.duration(Setting.LEASE)));
    }

    private String redis(Settings settings, Path dataDir) {
        String uri = settings.text(Setting.REDIS);
        if (!uri.isEmpty()) {
            return uri;
        }
        EmbeddedRedis started = own(EmbeddedRedis.builder()
                .dataDir(dataDir.resolve("redis"))
                .maxMemoryBytes(EMBEDDED_BYTES)
                .start());
        embedded = started;
        return started.uri();
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.push(part);
        return part;
    }

    /** Returns where the server listens. */
    public InetSocketAddress address() {
        return Objects.requireNonNull(server, "not started").address();
    }

    /** Stops taking, lets running jobs end within their time, hands back the rest, and closes everything. */
    @Override
    public void close() {
        Server http = server; // null when the start failed before it
        if (http != null) {
            http.drain();
        }
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception broken) {
                LOG.warn(
                        "{} did not close cleanly; the rest is closed all the same",
                        part.getClass().getSimpleName(),
                        broken);
            }
        }
    }
}
