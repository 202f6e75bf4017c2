package io.penstock.examples.chat;

import io.penstock.Penstock;
import io.penstock.PenstockConfig;
import io.penstock.database.DatabaseHealth;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.examples.chat.llm.ModelClient;
import io.penstock.examples.chat.stub.StubModel;
import io.penstock.job.JobType;
import io.penstock.queue.GroupRule;
import io.penstock.queue.Groups;
import io.penstock.runtime.Clock;
import io.penstock.server.Installation;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.delivery.HttpDelivery;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole application, started in order and stopped in the opposite one; a start that fails half way stops what it had. */
final class ChatApp implements AutoCloseable {
    static final JobType<HttpDelivery.Order> WEBHOOK = HttpDelivery.TYPE.queue("webhook");

    /** A gibibyte, as {@code penstock up} gives it: beyond it producers are refused, not the machine starved. */
    private static final long EMBEDDED_BYTES = 1L << 30;

    private static final Logger LOG = LoggerFactory.getLogger(ChatApp.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // last started first
    private final ChatSettings settings;
    private final Penstock penstock;
    private final Front front;
    private final @Nullable Installation dashboard;

    private ChatApp(ChatSettings settings) {
        this.settings = settings;
        try {
            directory(settings.dataDir());
            Clock clock = Clock.faster(settings.number("PACE", 1, 10_000));
            this.penstock = own(Penstock.connect(PenstockConfig.of(redis()).clock(clock)));
            Database database = own(new Database(settings));
            DatabaseHealth health = own(new DatabaseHealth(
                    "chat",
                    database.source(),
                    DatabaseHealth.DEFAULT_PERIOD,
                    DatabaseHealth.DEFAULT_TIMEOUT,
                    penstock.timer(),
                    penstock.threads()));
            health.start();
            Duration age = Duration.ofDays(settings.number("HISTORY_DAYS", 1, 3_650));
            History history = new History(database, clock, age);
            penstock.cleanup().contribute("chat-history", history::forget);
            Agents agents = new Agents(penstock, database, settings.list("LLM_MORE_ENDPOINTS"));
            agents.seed(settings.text("LLM_MODEL"));
            Delivery delivery = new Delivery(penstock, history);
            Gatekeeper gate = new Gatekeeper(
                    penstock.limits(),
                    settings.number("TENANT_REQUESTS_PER_MINUTE", 1, 10_000_000),
                    settings.number("TENANT_TOKENS_PER_DAY", 1, 10_000_000));
            this.dashboard = dashboard();
            work(new Answering(penstock, agents, history, models(), gate));
            this.front = own(new Front(settings.text("BIND"), settings.number("PORT", 0, 65_535)));
            boolean webhooks = !settings.list("WEBHOOK_ALLOW").isEmpty();
            new ChatApi(penstock, agents, history, gate, delivery, webhooks).route(front);
            new AgentApi(agents, gate).route(front, settings.text("LLM_MODEL"));
            new HealthApi(penstock, health).route(front);
            String dashboardAt = dashboardAddress();
            front.route("GET /api/info", request -> request.answer(200, Map.of("dashboard", dashboardAt)));
            Pages.route(front);
            front.start();
            own(() -> penstock.threads().sideBySide("stop", penstock.workers(), Worker::close));
            own(delivery); // first, so that callers who are hung up on by our end do not cancel their turns
        } catch (Throwable failed) {
            close();
            throw failed;
        }
    }

    /**
     * Starts it.
     *
     * @throws IllegalArgumentException if a setting is not legal
     * @throws io.penstock.redis.RedisException if Redis cannot be reached
     */
    static ChatApp start(ChatSettings settings) {
        return new ChatApp(settings);
    }

    private static void directory(Path dir) {
        try {
            Files.createDirectories(dir);
            if (Files.getFileStore(dir).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
            }
        } catch (IOException unusable) {
            throw new UncheckedIOException(
                    "the data directory " + dir + " cannot be used; nothing was started", unusable);
        }
    }

    private String redis() {
        String given = settings.text("REDIS");
        if (!given.isEmpty()) {
            return given;
        }
        return own(EmbeddedRedis.builder()
                        .dataDir(settings.dataDir().resolve("redis"))
                        .maxMemoryBytes(EMBEDDED_BYTES)
                        .start())
                .uri();
    }

    /** A real endpoint when one is set, else the stub in this process. */
    private ModelClient models() {
        String endpoint = settings.text("LLM_ENDPOINT");
        if (!endpoint.isEmpty()) {
            return new ModelClient(endpoint.replaceFirst("/+$", ""), settings.text("LLM_API_KEY"));
        }
        StubModel stub = own(StubModel.start(0, settings.stub()));
        LOG.info("LLM_ENDPOINT is not set: a stub on {} answers", stub.endpoint());
        return new ModelClient(stub.endpoint(), "");
    }

    /** Three queues, a worker each: mails and webhooks never wait for a slow model. */
    private void work(Answering answering) {
        penstock.handle(ChatTurn.TYPE, answering);
        penstock.handle(Mail.TYPE, new Mailing(settings.text("SMTP"), settings.text("MAIL_FROM")));
        penstock.handle(
                WEBHOOK,
                new HttpDelivery(
                        new AllowList(settings.list("WEBHOOK_ALLOW")),
                        settings.text("WEBHOOK_SECRET"),
                        penstock.timer().clock()));
        int tenant = settings.number("TENANT_TURNS", 0, 1_000_000);
        penstock.queue(ChatTurn.TYPE.queue())
                .groups()
                .configure(Groups.ALL, new GroupRule(null, tenant == 0 ? null : tenant, null, null, false));
        worker(ChatTurn.TYPE.queue(), settings.number("CHAT_WORKERS", 1, 10_000));
        worker(Mail.TYPE.queue(), settings.number("WORKERS", 1, 1_000));
        worker(WEBHOOK.queue(), settings.number("WORKERS", 1, 1_000));
    }

    private void worker(String queue, int concurrency) {
        WorkerConfig config = WorkerConfig.named("llm-chat-" + queue)
                .concurrency(concurrency)
                .shutdownTimeout(Duration.ofSeconds(settings.number("SHUTDOWN_SECONDS", 0, 3_600)));
        var unused = penstock.work(config, List.of(queue)); // Penstock knows its workers, and stops them with us
    }

    /** The server's REST and dashboard over our Penstock, on a port of their own. */
    private @Nullable Installation dashboard() {
        int port = settings.number("DASHBOARD_PORT", -1, 65_535);
        if (port < 0) {
            return null;
        }
        Map<Setting, String> flags = new EnumMap<>(Setting.class);
        flags.put(Setting.PORT, Integer.toString(port));
        flags.put(Setting.BIND, "127.0.0.1");
        flags.put(Setting.DATA_DIR, settings.dataDir().resolve("dashboard").toString());
        if (!settings.text("PENSTOCK_TOKEN").isEmpty()) {
            flags.put(Setting.TOKEN, settings.text("PENSTOCK_TOKEN"));
        }
        return own(Installation.beside(penstock, Settings.read(flags, null, Map.of()), System.err));
    }

    /** Where the dashboard is, empty if there is none. */
    String dashboardAddress() {
        return dashboard == null
                ? ""
                : "http://127.0.0.1:" + dashboard.address().getPort() + "/";
    }

    int port() {
        return front.port();
    }

    Penstock penstock() {
        return penstock;
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.push(part);
        return part;
    }

    /** Lets running turns end within their time while their callers still listen, hands back the rest, closes everything. */
    @Override
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception broken) {
                LOG.warn("a part did not close cleanly; the rest is closed all the same", broken);
            }
        }
    }
}
