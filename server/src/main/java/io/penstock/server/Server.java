package io.penstock.server;

import io.penstock.database.DatabaseHealth;
import io.penstock.outbox.Outbox;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.server.alert.AlertApi;
import io.penstock.server.audit.Audit;
import io.penstock.server.caller.Auth;
import io.penstock.server.caller.Caller;
import io.penstock.server.caller.Sessions;
import io.penstock.server.channel.Channels;
import io.penstock.server.database.WatchedDatabase;
import io.penstock.server.delivery.AllowList;
import io.penstock.server.engine.Engine;
import io.penstock.server.flow.BatchesApi;
import io.penstock.server.flow.FlowApi;
import io.penstock.server.flow.FlowInput;
import io.penstock.server.group.GroupApi;
import io.penstock.server.http.Front;
import io.penstock.server.http.HostGuard;
import io.penstock.server.http.Idempotency;
import io.penstock.server.http.KeptAnswers;
import io.penstock.server.http.Meters;
import io.penstock.server.http.RateGuard;
import io.penstock.server.http.RoleGuard;
import io.penstock.server.http.Route;
import io.penstock.server.http.Routes;
import io.penstock.server.http.Traffic;
import io.penstock.server.lease.LeaseApi;
import io.penstock.server.lease.Leases;
import io.penstock.server.lease.Lending;
import io.penstock.server.lease.Polls;
import io.penstock.server.limit.KeptLimits;
import io.penstock.server.limit.LimitApi;
import io.penstock.server.live.Live;
import io.penstock.server.live.LiveApi;
import io.penstock.server.memory.MemoryApi;
import io.penstock.server.memory.MemoryMeters;
import io.penstock.server.monitor.MonitorApi;
import io.penstock.server.oidc.OidcConfig;
import io.penstock.server.oidc.OidcSignIn;
import io.penstock.server.operation.OperationApi;
import io.penstock.server.operation.Operations;
import io.penstock.server.redis.RedisApi;
import io.penstock.server.redis.RedisMeters;
import io.penstock.server.scaling.ScalingApi;
import io.penstock.server.schedule.ScheduleApi;
import io.penstock.server.settings.Address;
import io.penstock.server.settings.LiveSettings;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.token.Tokens;
import io.penstock.server.web.OidcApi;
import io.penstock.server.web.SignInApi;
import io.penstock.server.web.SignInLink;
import io.penstock.server.web.Site;
import io.penstock.server.wire.Limits;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.HttpContinueReadHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.xnio.Options;

/**
 * The HTTP server of one engine.
 *
 * <p>Threads: two that read and write and never wait, up to {@value #WORKERS} that answer. Bounds: {@link Limits}.
 */
final class Server extends Service {
    /** Threads that answer: each waits for Redis most of its time; 100 callers at once share 64 without being felt. */
    private static final int WORKERS = 64;

    private static final int IO_THREADS = 2;

    private static final Set<Setting> LOAD_LINE = Set.of(Setting.MEMORY_ADMISSION, Setting.MEMORY_LOAD_LINE);

    /** How often polls, leases and late bodies are looked at: what is due is at most this late. */
    private static final Duration SWEEP = Duration.ofMillis(200);

    private final Engine engine;
    private final Traffic traffic;
    private final Lending lending;
    private final Leases leases;
    private final Polls polls;
    private final JobWaits waits;
    private final FollowApi followers;
    private final Meters meters;
    private final QueueMeters queueMeters;
    private final MemoryMeters memoryMeters;
    private final Channels channels;
    private final RedisMeters redisMeters;
    private final KeptLimits limits;
    private final Audit audit;
    private final @Nullable DatabaseHealth database;
    private final @Nullable Outbox outbox;
    private final Routes routes;
    private final Undertow undertow;
    private final Live watch;
    private final SignInLink link;
    private final RedisApi redis;
    private final WorkerApi workers;
    private final MemoryApi memory;
    private final AlertApi alerts;
    private final Tokens tokens;
    private final Operations operations;
    private final OperationApi operationApi;
    private final ScheduleApi schedules;
    private final FlowInput jobs;
    private final FlowApi flows;
    private final OidcApi oidc;
    private @Nullable Task sweep;

    /** Prepares a server; {@link #start} binds the port. */
    Server(Engine engine, Work work, LiveSettings live, String token) {
        this.engine = engine;
        long heap = Runtime.getRuntime().maxMemory();
        this.traffic = new Traffic(engine.clock(), heap, Limits.BODY_DEADLINE);
        this.lending = new Lending(engine);
        this.leases = new Leases(engine, lending, heap);
        this.polls = new Polls(leases, engine);
        this.waits = new JobWaits(engine);
        this.followers = new FollowApi(engine);
        this.meters = new Meters(engine.clock());
        this.queueMeters = new QueueMeters(engine, meters.registry());
        this.memoryMeters = new MemoryMeters(engine.memory(), meters.registry());
        Settings settings = live.now();
        Channels.House house = new Channels.House(engine.redis(), engine.clock(), engine.timer(), engine.threads());
        this.channels = new Channels(house, new AllowList(settings.list(Setting.CHANNEL_ALLOW)));
        this.redisMeters = new RedisMeters(engine, meters.registry());
        this.limits = new KeptLimits(engine);
        this.audit = new Audit(
                engine.redis(), engine.timer(), settings.redactor(), settings.duration(Setting.AUDIT_RETENTION));
        this.database = WatchedDatabase.of(settings, engine.timer(), engine.threads());
        this.outbox = WatchedDatabase.outbox(settings, engine.access());
        this.redis = new RedisApi(engine);
        this.workers = new WorkerApi(engine, leases);
        this.memory = new MemoryApi(engine.memory(), engine.clock(), live);
        this.alerts = new AlertApi(engine.alerts(), engine.clock());
        this.operations = new Operations(engine);
        this.operationApi = new OperationApi(engine, operations);
        this.schedules = new ScheduleApi(engine, JobInput::readNaming, JobWish::write);
        this.jobs = new FlowInput(JobInput.BATCH_FIELDS, JobInput::readNaming, work::came, limits::pass);
        this.flows = new FlowApi(engine, jobs);
        this.watch = new Live(engine, topics(), QueueApi::figures);
        this.tokens = new Tokens(engine.redis(), engine.clock(), engine.timer());
        Sessions sessions = new Sessions(token, engine.clock());
        Auth auth = new Auth(token, sessions, tokens);
        OidcConfig issuer = OidcConfig.of(settings);
        this.oidc = new OidcApi(
                sessions, auth, issuer == null ? null : new OidcSignIn(issuer, token, engine.clock(), engine.timer()));
        this.link = new SignInLink(engine.clock());
        this.routes =
                routes(live, work, new SignInApi(sessions, auth, link, engine.clock(), SignInApi.Face.of(settings)));
        live.follow(
                LOAD_LINE,
                now -> engine.memory()
                        .line()
                        .govern(now.loadLine(engine.memory().line())));
        boolean loopback = Address.loopback(settings.text(Setting.BIND));
        HostGuard hosts = new HostGuard(new HashSet<>(settings.list(Setting.HOSTS)), !loopback);
        RoleGuard roles = new RoleGuard(settings.flag(Setting.READ_ONLY));
        RateGuard rate = RateGuard.of(engine.limits(), settings.rate(RateGuard.NAME));
        Front.Guards guards = new Front.Guards(hosts, auth, roles, traffic, rate);
        KeptAnswers kept = new KeptAnswers(engine.redis(), engine.clock());
        Front.Watch watched = new Front.Watch(settings.redactor(), audit);
        Front front =
                new Front(routes, guards, new Idempotency(engine.clock(), kept), meters, Engine::problem, watched);
        this.undertow = build(settings, new Site(front, hosts));
    }

    private Routes routes(LiveSettings live, Work work, SignInApi signIn) {
        List<Route> table = new ArrayList<>();
        table.addAll(signIn.routes());
        table.addAll(oidc.routes());
        table.addAll(tokens.routes());
        table.addAll(new SystemApi(engine, this::scrape, traffic, work).routes());
        table.add(new HealthApi(engine, database).route());
        table.addAll(new OutboxApi(outbox).routes());
        table.addAll(redis.routes());
        table.addAll(new LiveApi(watch).routes());
        table.addAll(new LimitApi(engine, limits).routes());
        table.addAll(new GroupApi(engine).routes());
        table.addAll(new BatchApi(engine, work, limits).routes());
        table.add(new JobListApi(engine).route());
        table.addAll(new JobApi(engine, work, limits, waits).routes());
        table.add(followers.route());
        table.addAll(new QueueApi(engine, lending::leaveAll).routes());
        table.add(new ScalingApi(engine).route());
        table.add(new DeadApi(engine).route());
        table.addAll(operationApi.routes());
        table.addAll(workers.routes());
        table.addAll(new LeaseApi(engine, leases, polls).routes());
        table.addAll(memory.routes());
        table.addAll(new ConfigApi(live).routes());
        table.add(audit.route());
        table.addAll(new CleanupApi(engine.cleanup(), live).routes());
        table.addAll(channels.routes());
        table.addAll(new CacheApi(engine.caches()).routes());
        table.addAll(schedules.routes());
        table.addAll(flows.routes());
        table.addAll(new BatchesApi(engine, jobs).routes());
        table.addAll(alerts.routes());
        table.addAll(new MonitorApi(engine.monitor(), engine.timer(), live).routes());
        return new Routes(table);
    }

    /** What is told live is what its route answers. */
    private Map<String, Function<Caller, byte[]>> topics() {
        return Map.of(
                "memory", caller -> memory.status().body(),
                "redis", caller -> redis.status(caller).body(),
                "pool", caller -> redis.pool().body(),
                "workers", caller -> workers.page(caller, null, Limits.PAGE).body(),
                "alerts", caller -> alerts.page(caller).body(),
                "operations", caller -> operationApi.page(caller).body(),
                "schedules",
                        caller -> schedules
                                .page(caller, null, Limits.PAGE_DEFAULT)
                                .body(),
                "flows", caller -> flows.page(caller, null, Limits.PAGE_DEFAULT).body());
    }

    private String scrape() {
        queueMeters.refresh();
        memoryMeters.refresh();
        redisMeters.refresh();
        return meters.scrape();
    }

    private static Undertow build(Settings settings, HttpHandler front) {
        return Undertow.builder()
                .addHttpListener(
                        settings.number(Setting.PORT), settings.text(Setting.BIND), new HttpContinueReadHandler(front))
                .setIoThreads(IO_THREADS)
                .setWorkerThreads(WORKERS)
                .setWorkerOption(Options.WORKER_NAME, "penstock-http")
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, Limits.HEADER_BYTES)
                .setServerOption(UndertowOptions.MAX_HEADERS, Limits.HEADERS)
                .setServerOption(UndertowOptions.MAX_PARAMETERS, Limits.HEADERS)
                .setServerOption(UndertowOptions.MAX_COOKIES, Limits.HEADERS)
                .setServerOption(
                        UndertowOptions.MAX_ENTITY_SIZE, -1L) // none: the front has one that does not fill the log
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int) Limits.HEADER_DEADLINE.toMillis())
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, (int) Limits.IDLE.toMillis())
                .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 1_000)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, false)
                .setServerOption(UndertowOptions.ALWAYS_SET_DATE, true)
                .setSocketOption(Options.WRITE_TIMEOUT, (int) Limits.IDLE.toMillis())
                .setSocketOption(Options.BACKLOG, 1_024)
                .setSocketOption(Options.CONNECTION_HIGH_WATER, Limits.CONNECTIONS)
                .setSocketOption(Options.CONNECTION_LOW_WATER, Limits.CONNECTIONS - 64)
                .build();
    }

    @Override
    protected void onStart() {
        tokens.start();
        channels.start();
        engine.tell(notice -> channels.courier().tell(notice, engine.alerts().channels(notice.rule())));
        limits.start();
        audit.start();
        if (database != null) {
            database.start();
        }
        if (outbox != null) {
            outbox.start();
        }
        operations.start();
        watch.start();
        undertow.start();
        meters.gauge("penstock.http.active", traffic::requests);
        meters.gauge("penstock.http.body.bytes", traffic::bytes);
        meters.gauge("penstock.http.listeners", watch::size);
        meters.gauge("penstock.leases.held", () -> leases.held().size());
        meters.gauge("penstock.leases.polls", polls::size);
        meters.gauge("penstock.http.waits", waits::size);
        meters.gauge("penstock.http.followers", followers::size);
        meters.gauge("penstock.audit.lost", audit::lost);
        sweep = engine.timer().every("http", SWEEP, () -> {
            traffic.closeLate();
            polls.sweep();
            leases.forgetOver();
            lending.sweep();
        });
    }

    /** Refuses new work, answers what waits; what runs goes on until {@link #close}. */
    void drain() {
        traffic.close();
        polls.close();
        waits.close();
        followers.close();
    }

    @Override
    protected void onStop() {
        drain();
        if (sweep != null) {
            sweep.close();
        }
        watch.close();
        operations.close();
        undertow.stop();
        audit.close(); // behind the last answer
        channels.close();
        tokens.close();
        lending.close();
        limits.close();
        if (outbox != null) {
            outbox.close();
        }
        if (database != null) {
            database.close();
        }
        memoryMeters.close();
        meters.close();
    }

    /** Returns the address that it listens on. */
    InetSocketAddress address() {
        return (InetSocketAddress) undertow.getListenerInfo().get(0).getAddress();
    }

    /** Makes the code of a sign-in link, good for one browser and a while. */
    String signInCode() {
        return link.make();
    }

    Routes routes() {
        return routes;
    }
}
