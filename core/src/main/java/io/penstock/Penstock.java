package io.penstock;

import io.penstock.alert.Alerts;
import io.penstock.cache.Cache;
import io.penstock.cache.CacheConfig;
import io.penstock.cache.Caches;
import io.penstock.cache.ShrinkCaches;
import io.penstock.flow.Flows;
import io.penstock.job.Awaited;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobType;
import io.penstock.limit.Limits;
import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.probe.Outside;
import io.penstock.monitor.Monitor;
import io.penstock.monitor.MonitorSources;
import io.penstock.monitor.RedisReading;
import io.penstock.notice.LogChannel;
import io.penstock.notice.Notice;
import io.penstock.outbox.QueueAccess;
import io.penstock.payload.PayloadCodec;
import io.penstock.queue.Change;
import io.penstock.queue.EnqueueSummary;
import io.penstock.queue.Feeds;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueEvents;
import io.penstock.queue.QueueStore;
import io.penstock.queue.Waiters;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.redis.RedisHealth;
import io.penstock.redis.RedisPool;
import io.penstock.redis.ServerFacts;
import io.penstock.resilience.Resilience;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.schedule.Cleanup;
import io.penstock.schedule.Schedules;
import io.penstock.worker.Admission;
import io.penstock.worker.Chunk;
import io.penstock.worker.ChunkConfig;
import io.penstock.worker.Handler;
import io.penstock.worker.Handlers;
import io.penstock.worker.Interceptor;
import io.penstock.worker.Worker;
import io.penstock.worker.WorkerConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The roof: one connection, one timer and all threads of a process, and the queues and workers that share them.
 *
 * <p>Threads: safe. Bound: two connections (commands and subscriptions) whatever the number of queues, workers and callers,
 * and those that somebody takes of {@link #redisPool}; one timer thread and its guard; at most {@value #MOST_THREADS} threads. {@link #close} ends everything that was started here, in the
 * opposite order, and leaves no thread, connection or timer behind.
 */
public final class Penstock implements AutoCloseable, QueueAccess {
    private static final int MOST_THREADS = 60_000;
    private final PenstockConfig config;
    private final Clock clock = Clock.system();
    private final Threads threads = new Threads(MOST_THREADS);
    private final Timer timer = new Timer(clock, threads);
    private final Timer watch; // the same one, unless the config has a clock of its own
    private final MemoryGovernor memory;
    private final Resilience resilience = new Resilience(timer, threads);
    private final Alerts alerts;
    private volatile Consumer<Notice> told = LogChannel::log;
    private final Redis redis;
    private final Cleanup cleanup;
    private final Schedules schedules;
    private final RedisHealth redisHealth;
    private final RedisPool redisPool;
    private final Limits limits;
    private final Flows flows;
    private final QueueEvents events;
    private final Waiters waiters;
    private final Feeds feeds;
    private final Caches caches;
    private final Monitor monitor;
    private final Handlers handlers = new Handlers();
    private final PayloadCodec payloads;
    private final Set<String> handledQueues = new TreeSet<>();
    private final Map<String, Queue> queues = new ConcurrentHashMap<>();
    private final Set<String> listed = ConcurrentHashMap.newKeySet();
    private final Clockwork clockwork;
    private final Deque<Worker> workers = new ArrayDeque<>();
    private final Set<String> worked = new TreeSet<>(); // guarded by this: queues that a worker was started for

    private Penstock(PenstockConfig config) {
        this.config = config;
        this.watch = config.clock() == clock ? timer : new Timer(config.clock(), threads);
        this.payloads = new PayloadCodec(config.payloads());
        Redis opened = null;
        try {
            opened = Redis.connect(config.redis(), clock, timer);
            if (!config.readOnly()) {
                Doctor.require(
                        ServerFacts.of(opened, clock.millis()), config.redis().shown());
            }
        } catch (RuntimeException e) {
            if (opened != null) {
                opened.close();
            }
            watch.close();
            timer.close();
            threads.close();
            throw e;
        }
        this.redis = opened;
        this.events = new QueueEvents(redis, timer);
        this.waiters = new Waiters(redis, events, this::queue, timer);
        this.feeds = new Feeds(redis, this::queue, waiters);
        this.redisHealth = new RedisHealth(redis, RedisHealth.DEFAULT_PERIOD, RedisHealth.DEFAULT_THRESHOLD, timer);
        this.redisPool = new RedisPool("main", config.pool(), redis, timer);
        this.limits = new Limits(redis, clock);
        this.flows = new Flows(timer, redis, this::queue);
        this.memory = new MemoryGovernor(
                config.memory(),
                config.loadLine(),
                new Outside("redis", redisHealth::usedMemoryBytes, redisHealth::maxMemoryBytes),
                timer,
                threads);
        this.caches = new Caches(redis, timer, threads);
        this.monitor = new Monitor(config.monitor(), sources(), watch, threads);
        this.clockwork = new Clockwork(timer, redis, config.worker().leaseLength(), monitor);
        this.cleanup = new Cleanup(watch, threads, redis, this::queues, this::queue);
        this.schedules = new Schedules(redis, timer, threads, this::enqueueAsync, this::queue);
        this.alerts = new Alerts(redis, watch, monitor, ProcessName.here(), notice -> told.accept(notice));
        try {
            begin();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** All parts exist: from here on they may call one another. */
    private void begin() {
        redisHealth.start();
        memory.start();
        memory.optimiser().contribute(new ShrinkCaches(caches));
        memory.optimiser().contribute(new HandBack(this::workers));
        memory.optimiser().contribute(new TrimPool(redisPool));
        monitor.start();
        if (!config.readOnly()) {
            cleanup.start();
            schedules.start();
            alerts.start();
        }
    }

    private MonitorSources sources() {
        return new MonitorSources(
                memory.monitor()::sample,
                memory::onCollection,
                () -> Queue.namesAsync(redis),
                name -> queue(name).statsAsync(),
                name -> Queue.trafficAsync(redis, name),
                () -> RedisReading.of(redisHealth.status(), redisPool.stats()));
    }

    /**
     * Connects to the Redis at this address.
     *
     * @throws io.penstock.redis.RedisException if it cannot be reached, is too old, or may evict jobs
     */
    public static Penstock connect(String redisUri) {
        return connect(PenstockConfig.of(redisUri));
    }

    /** Connects as configured; see {@link #connect(String)}. */
    public static Penstock connect(PenstockConfig config) {
        return new Penstock(config);
    }

    /** Says what runs jobs of a type; before {@link #start}. */
    public synchronized <P> Penstock handle(JobType<P> type, Handler<? super P> handler) {
        handlers.handle(type, handler);
        handledQueues.add(type.queue());
        return this;
    }

    /** Says what runs jobs of a type several at a time; before {@link #start}. */
    public synchronized <P> Penstock handleChunk(JobType<P> type, ChunkConfig how, Chunk.Handler<P> handler) {
        handlers.handleChunk(type, how, handler);
        handledQueues.add(type.queue());
        return this;
    }

    /** Adds an interceptor around every run; before {@link #start}. */
    public Penstock intercept(Interceptor interceptor) {
        handlers.intercept(interceptor);
        return this;
    }

    /** Starts one worker for the queues of all handled types, as configured. */
    public synchronized Worker start() {
        return work(config.worker(), handledQueues);
    }

    /** Starts a worker of its own concurrency for some queues; it runs every handled type that it meets there. */
    public synchronized Worker work(WorkerConfig how, Collection<String> queueNames) {
        writable("a worker");
        List<QueueStore> stores =
                queueNames.stream().map(name -> serve(name).store()).toList();
        Worker worker = new Worker(how, handlers, stores, events, timer, threads);
        worker.admission(Admission.by(memory.line()));
        worker.watch(memory.leaks());
        worker.upkeep(clockwork);
        worker.start();
        worked.addAll(queueNames);
        workers.removeIf(closed -> !closed.running());
        workers.push(worker);
        return worker;
    }

    /** Lets this process do the clock's work for a queue (due jobs, dead workers, old jobs), as every worker's process does. */
    public synchronized Queue serve(String queueName) {
        writable("serving a queue");
        Queue queue = queue(queueName);
        if (!clockwork.serves(queueName)) {
            try {
                queue.create();
            } catch (RedisException.Full full) {
                // whoever drains a full Redis must be able to start; the next job that gets in lists the queue
            }
            clockwork.serve(queue);
            flows.serve(queue);
        }
        return queue;
    }

    private void writable(String what) {
        if (config.readOnly()) {
            throw new IllegalStateException(
                    what + " was not started: this Penstock was opened to look only; connect without lookOnly");
        }
    }

    /** Adds a job; one round trip, shared with callers that add at the same time. */
    public <P> Enqueued enqueue(JobType<P> type, P payload) {
        return enqueue(type.spec(payload));
    }

    /** Adds a job with options of its own. */
    public <P> Enqueued enqueue(JobType<P> type, P payload, UnaryOperator<JobOptions> options) {
        return enqueue(type.spec(payload, options));
    }

    /** Adds a job that was described before. */
    public Enqueued enqueue(JobSpec spec) {
        writable("job");
        return known(spec.queue()).enqueue(spec);
    }

    /** Adds a job; the stage never fails, and nothing is waited for here, also not for a queue that is new to this process. */
    public CompletionStage<Enqueued> enqueueAsync(JobSpec spec) {
        writable("job");
        Queue queue = queue(spec.queue());
        return listed.contains(queue.name())
                ? queue.enqueueAsync(spec)
                : list(queue).thenCompose(done -> queue.enqueueAsync(spec));
    }

    /** Adds a job for each payload of a stream, in batches; reads no further once one is refused. */
    public <P> EnqueueSummary enqueueAll(JobType<P> type, Stream<P> payloads) {
        writable("jobs");
        return known(type.queue()).enqueueAll(payloads.map(type::spec));
    }

    /** Returns a queue, whether it has jobs or not; nothing is created before its first job. */
    @Override
    public Queue queue(String name) {
        Queue known = queues.get(name); // first, because computeIfAbsent may lock even when there is nothing to compute
        return known != null
                ? known
                : queues.computeIfAbsent(name, any -> {
                    QueueStore store = new QueueStore(redis, clock, any);
                    store.guard(memory.line()::pressure);
                    store.payloads(payloads);
                    store.pace(memory.line()::holdBackNanos);
                    return new Queue(store);
                });
    }

    /** Returns a queue that is listed among the queues from now on. */
    private Queue known(String name) {
        Queue queue = queue(name);
        if (!listed.contains(name)) {
            redis.await(list(queue));
        }
        return queue;
    }

    /** A failure is not told: the job itself is about to be refused with the reason, and the next one tries again. */
    private CompletionStage<?> list(Queue queue) {
        return queue.createAsync().handle((settings, failure) -> failure == null && listed.add(queue.name()));
    }

    /** Deletes a queue with everything in it; see {@link Queue#delete}. */
    public void delete(String queueName, boolean force) {
        queue(queueName).delete(force);
        listed.remove(queueName);
        monitor.forget(queueName);
        synchronized (this) {
            if (!worked.contains(queueName)) {
                flows.leave(queueName);
                clockwork.leave(queueName); // else the clock would go on looking at each queue that ever was
            }
        }
    }

    /** Finds a job in any state. */
    public Optional<Job> job(JobId id) {
        return queue(id.queue()).get(id);
    }

    /** Waits for the end of a job and what came of it, without polling; see {@link Waiters#await}. */
    public Awaited await(JobId id, Duration timeout) throws InterruptedException {
        return waiters.await(id, timeout);
    }

    /** Answers when a job has ended or the time is over; see {@link Waiters#awaitAsync}. */
    public CompletionStage<Awaited> awaitAsync(JobId id, Duration timeout) {
        return waiters.awaitAsync(id, timeout);
    }

    /** Returns what running jobs emit, for those who follow them in this process. */
    public Feeds feeds() {
        return feeds;
    }

    /** Tells a job something that it waits for, or will; see {@link Queue#signal}. */
    public Change signal(JobId id, String name, Object value) {
        return queue(id.queue()).signal(id, name, value);
    }

    /** Returns the names of all queues in this Redis. */
    public Set<String> queues() {
        return Queue.names(redis);
    }

    /**
     * Lists the queues again whose names were lost with the key that held them; answers the names of all that have counters.
     * Walks over all keys: about 1 s a million.
     */
    public Set<String> recoverQueues() {
        return Queue.recover(redis);
    }

    /** Says what is wrong with this Redis as a home for jobs; two round trips. */
    public List<Finding> doctor() {
        return Doctor.examine(ServerFacts.of(redis, clock.millis()));
    }

    /** Opens a cache of this name for all processes; see {@link Caches#open}. */
    public <V> Cache<V> cache(String name, Class<V> type, UnaryOperator<CacheConfig> how) {
        return caches.open(name, type, how.apply(CacheConfig.DEFAULT));
    }

    /** Returns the caches of this process. */
    public Caches caches() {
        return caches;
    }

    /** Returns the resilient calls of this process. */
    public Resilience resilience() {
        return resilience;
    }

    /** Returns hints and events of queues. */
    public QueueEvents events() {
        return events;
    }

    /** Returns the way to Redis. */
    public Redis redis() {
        return redis;
    }

    /**
     * Returns dedicated connections for what the multiplexed one must not do: blocking, transactions, commands of your own.
     * None is open before the first is asked for, unless {@link PenstockConfig#pool} says so.
     */
    public RedisPool redisPool() {
        return redisPool;
    }

    /** Returns how Redis does. */
    public RedisHealth redisHealth() {
        return redisHealth;
    }

    /** Returns limits of rate and concurrency that hold across processes. */
    public Limits limits() {
        return limits;
    }

    /** Returns flows and batches: jobs that wait for one another. */
    public Flows flows() {
        return flows;
    }

    /** Returns the one timer. */
    @Override
    public Timer timer() {
        return timer;
    }

    /** Returns the maker of all threads. */
    @Override
    public Threads threads() {
        return threads;
    }

    /** Returns how it is set up. */
    public PenstockConfig config() {
        return config;
    }

    /** Returns what governs the memory of this process, and by it how many jobs are taken and run. */
    public MemoryGovernor memory() {
        return memory;
    }

    /** Says who is told of alerts, instead of the log; called on the timer's thread or Redis', so it must return at once. */
    public void tell(Consumer<Notice> notices) {
        told = notices;
    }

    /** Returns what looks through all queues once a day. */
    public Cleanup cleanup() {
        return cleanup;
    }

    /** Returns the schedules of this Redis; this process starts their runs too, unless it only looks. */
    public Schedules schedules() {
        return schedules;
    }

    /** Returns the rules over what is measured, and what came of them; one that only looks evaluates none. */
    public Alerts alerts() {
        return alerts;
    }

    /** Returns what measures this process, its queues and its Redis over time. */
    public Monitor monitor() {
        return monitor;
    }

    /** Returns the workers that run here, the newest first. */
    public synchronized List<Worker> workers() {
        return workers.stream().filter(Worker::running).toList();
    }

    /** Stops workers (see {@link Worker#close}), then everything else. */
    @Override
    public void close() {
        List<Worker> ending;
        synchronized (this) {
            ending = List.copyOf(workers);
            workers.clear();
        }
        threads.sideBySide("stop", ending, Worker::close);
        cleanup.close();
        schedules.close();
        flows.close();
        clockwork.close();
        alerts.close();
        monitor.close();
        waiters.close();
        events.close();
        caches.close();
        resilience.close();
        memory.close();
        redisPool.close();
        redisHealth.close();
        redis.close();
        watch.close();
        timer.close();
        threads.close();
    }
}
