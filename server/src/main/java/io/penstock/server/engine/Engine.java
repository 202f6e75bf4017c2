package io.penstock.server.engine;

import io.penstock.Finding;
import io.penstock.Penstock;
import io.penstock.alert.Alerts;
import io.penstock.cache.Caches;
import io.penstock.flow.Flows;
import io.penstock.job.Attempt;
import io.penstock.job.Awaited;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.limit.Limits;
import io.penstock.memory.MemoryGovernor;
import io.penstock.monitor.Monitor;
import io.penstock.notice.Notice;
import io.penstock.outbox.QueueAccess;
import io.penstock.payload.PayloadException;
import io.penstock.queue.Change;
import io.penstock.queue.Feeds;
import io.penstock.queue.FsckReport;
import io.penstock.queue.ImportedJob;
import io.penstock.queue.JobEdit;
import io.penstock.queue.JobPage;
import io.penstock.queue.LeaseLostException;
import io.penstock.queue.LeasedJob;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueEvents;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.QueueStats;
import io.penstock.queue.QueueStore;
import io.penstock.queue.WorkerView;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisException;
import io.penstock.redis.RedisHealth;
import io.penstock.redis.RedisPool;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.schedule.Cleanup;
import io.penstock.schedule.Schedules;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one place where the server calls the library.
 *
 * <p>Threads: safe. Time: methods that return a value wait for Redis, at most its timeout.
 */
public final class Engine {
    private final Penstock penstock;
    private final Clock clock;
    private final QueueNames names;
    private final Rates rates;
    private final Set<String> tended = ConcurrentHashMap.newKeySet();

    public Engine(Penstock penstock) {
        this.penstock = penstock;
        this.clock = penstock.timer().clock();
        this.names = new QueueNames(clock, penstock::queues);
        this.rates = new Rates(clock);
    }

    public Clock clock() {
        return clock;
    }

    public Timer timer() {
        return penstock.timer();
    }

    public Threads threads() {
        return penstock.threads();
    }

    public QueueEvents events() {
        return penstock.events();
    }

    public MemoryGovernor memory() {
        return penstock.memory();
    }

    public Cleanup cleanup() {
        return penstock.cleanup();
    }

    public Schedules schedules() {
        return penstock.schedules();
    }

    public Flows flows() {
        return penstock.flows();
    }

    public Caches caches() {
        return penstock.caches();
    }

    /** Says who is told of alerts. */
    public void tell(Consumer<Notice> notices) {
        penstock.tell(notices);
    }

    public Alerts alerts() {
        return penstock.alerts();
    }

    public Monitor monitor() {
        return penstock.monitor();
    }

    public Redis redis() {
        return penstock.redis();
    }

    public RedisHealth redisHealth() {
        return penstock.redisHealth();
    }

    public RedisPool redisPool() {
        return penstock.redisPool();
    }

    public Limits limits() {
        return penstock.limits();
    }

    /** Returns the queue, known to Redis or not; the caller has checked the name. */
    private Queue of(String name) {
        return penstock.queue(name);
    }

    public QueueStore store(String name) {
        return of(name).store();
    }

    /** Makes the queue known, and due jobs and dead workers of it this process's business. */
    public Queue tend(String name) {
        boolean known = exists(name);
        Queue queue = of(name);
        if (tended.contains(name)) {
            if (!known) {
                queue.create();
            }
        } else {
            queue = penstock.serve(name);
            tended.add(name);
        }
        if (!known) {
            names.forget();
        }
        return queue;
    }

    /** Takes care of the queues that are there already. */
    public void tendAll() {
        if (queues().isEmpty()) {
            penstock.recoverQueues(); // nothing is listed: all is new, or the list was lost
            names.forget();
        }
        queues().forEach(this::tend);
    }

    /** Returns the names of all queues, sorted. */
    public List<String> queues() {
        return new ArrayList<>(names.all());
    }

    /** Tells whether a queue is known; what is not known is never asked for, so that made-up names cost nothing here. */
    public boolean exists(String name) {
        return names.has(name);
    }

    public Enqueued enqueue(JobSpec spec) {
        tend(spec.queue());
        return penstock.enqueue(spec);
    }

    public CompletionStage<Enqueued> enqueueAsync(JobSpec spec) {
        tend(spec.queue());
        return penstock.enqueueAsync(spec);
    }

    /** Adds a job that has a past elsewhere. */
    public CompletionStage<Enqueued> importAsync(ImportedJob job) {
        return tend(job.spec().queue()).importAsync(job);
    }

    /** Adds a job to a queue that is tended; never waits, so also for the timer. */
    public CompletionStage<Enqueued> enqueueAtOnce(JobSpec spec) {
        return of(spec.queue()).enqueueAsync(spec);
    }

    public <T> T await(CompletionStage<T> stage) {
        return redis().await(stage);
    }

    public Optional<Job> job(JobId id) {
        return exists(id.queue()) ? of(id.queue()).get(id) : Optional.empty();
    }

    /** Reads a job of a queue that is known to be there, without waiting. */
    public CompletionStage<Optional<Job>> jobAsync(JobId id) {
        return of(id.queue()).getAsync(id);
    }

    public Feeds feeds() {
        return penstock.feeds();
    }

    /** Answers when a job has ended or the time is over. */
    public CompletionStage<Awaited> ended(JobId id, Duration wait) {
        return penstock.awaitAsync(id, wait);
    }

    /** Opens the payload of a job; null = this process cannot. */
    public byte @Nullable [] payload(Job job) {
        try {
            return of(job.id().queue()).open(job);
        } catch (PayloadException closed) {
            return null;
        }
    }

    /** Opens the payload of a job that is held here; null = this process cannot. */
    public static byte @Nullable [] payload(LeasedJob job) {
        try {
            return job.payload();
        } catch (PayloadException closed) {
            return null;
        }
    }

    /** Returns what an outbox fills; its queues are tended as those of producers are. */
    public QueueAccess access() {
        return new QueueAccess() {
            @Override
            public Queue queue(String name) {
                return tend(name);
            }

            @Override
            public Timer timer() {
                return penstock.timer();
            }

            @Override
            public Threads threads() {
                return penstock.threads();
            }
        };
    }

    public List<Attempt> attempts(JobId id) {
        return of(id.queue()).attempts(id);
    }

    public List<String> logs(JobId id) {
        return of(id.queue()).logs(id);
    }

    /** What an operator wants of one job. */
    public interface Wish {
        Change of(Queue queue, JobId id);
    }

    /** Does to a job what the wish says; null = there is no such queue. */
    public Optional<Change> change(JobId id, Wish wish) {
        return exists(id.queue()) ? Optional.of(wish.of(of(id.queue()), id)) : Optional.empty();
    }

    public Optional<Change> edit(JobId id, JobEdit edit) {
        return change(id, (queue, job) -> queue.edit(job, edit));
    }

    /**
     * Lists jobs of one state.
     *
     * @throws IllegalArgumentException if the cursor is none
     */
    public JobPage list(String queue, JobState state, @Nullable String cursor, int limit) {
        if (!exists(queue)) {
            return new JobPage(List.of(), null);
        }
        return of(queue).list(state, cursor, limit);
    }

    /**
     * A queue as it stands.
     *
     * @param throughputPerSecond jobs completed, over about the last minute of looking
     */
    public record QueueView(QueueStats stats, double throughputPerSecond) {
        public String status() {
            return stats.paused() ? "paused" : stats.draining() ? "draining" : "active";
        }
    }

    public QueueView queue(String name) {
        QueueStats stats = of(name).stats();
        return new QueueView(stats, rates.perSecond(name, stats.completedTotal()));
    }

    /** Returns the names of all queues, asked anew, without waiting. */
    public CompletionStage<Set<String>> queuesAsync() {
        return Queue.namesAsync(redis());
    }

    /** As {@link #queue}, without waiting. */
    public CompletionStage<QueueView> queueAsync(String name) {
        return of(name).statsAsync()
                .thenApply(stats -> new QueueView(stats, rates.perSecond(name, stats.completedTotal())));
    }

    public QueueSettings settings(String name) {
        return of(name).settings();
    }

    /** Changes settings if they are still what the caller saw. */
    public boolean configure(String name, QueueSettings seen, QueueSettings settings) {
        return tend(name).configure(seen, settings);
    }

    public void pause(String name) {
        tend(name).pause();
    }

    public void resume(String name) {
        tend(name).resume();
    }

    public void drain(String name) {
        tend(name).drain();
    }

    public long purge(String name, JobState state) {
        return of(name).purge(state);
    }

    /** Looks for what lost keys have left behind, and mends it if told so. */
    public FsckReport fsck(String name, int budget, boolean repair) {
        return of(name).fsck(budget, repair);
    }

    /** Lists queues again whose names were lost; answers the names of all that have counters. */
    public Set<String> recover() {
        Set<String> before = penstock.queues();
        Set<String> found = penstock.recoverQueues();
        names.forget();
        found.stream().filter(name -> !before.contains(name)).forEach(this::tend);
        return found;
    }

    /**
     * Deletes a queue with everything in it.
     *
     * @throws Problem CONFLICT if workers hold leases and it is not forced
     */
    public void delete(String name, boolean force) {
        try {
            penstock.delete(name, force);
            tended.remove(name);
        } catch (IllegalStateException held) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(held.getMessage()));
        } finally {
            names.forget();
        }
    }

    /** Returns the workers of all queues; two round trips whatever their number. */
    public List<WorkerView> workers() {
        List<CompletionStage<List<WorkerView>>> asked =
                queues().stream().map(name -> of(name).workersAsync()).toList();
        List<WorkerView> all = new ArrayList<>();
        asked.forEach(workers -> all.addAll(redis().await(workers)));
        return all;
    }

    /** Returns the workers of one queue that is known. */
    public List<WorkerView> workers(String queue) {
        return of(queue).workers();
    }

    /** Asks a worker to take no more jobs, or to take jobs again. */
    public void quiet(WorkerView worker, boolean on) {
        of(worker.queue()).quiet(worker.number(), on);
    }

    /** Asks a worker to end what it runs and leave. */
    public void stop(WorkerView worker) {
        of(worker.queue()).stop(worker.number());
    }

    boolean worked(String queue) {
        return !of(queue).workers().isEmpty();
    }

    /** Asks Redis whether it is there; fails at once when the connection is down. */
    public void ping() {
        if (!redis().connected()) {
            throw new RedisException("Redis at " + redis().config().shown() + " is away since the connection broke;"
                    + " jobs are neither taken nor accepted; start it or look at its address");
        }
        redis().await(redis().command("PING", new Call(8)));
    }

    /** Says what is wrong with Redis. */
    List<Finding> findings() {
        return penstock.doctor();
    }

    /** Says in HTTP what went wrong in the library; INTERNAL when that is a fault of ours. */
    public static Problem problem(Throwable failure) {
        if (failure instanceof RedisException.Full full) {
            return Problem.of(ProblemType.REDIS_FULL, String.valueOf(full.getMessage()));
        }
        if (failure instanceof RedisException.Unreachable unreachable) {
            return Problem.of(ProblemType.REDIS_UNREACHABLE, String.valueOf(unreachable.getMessage()));
        }
        if (failure instanceof LeaseLostException) {
            return Problem.leaseLost();
        }
        return Problem.of(
                ProblemType.INTERNAL,
                "the server failed on this request; the log tells more under its id; try again, and report it if it stays");
    }
}
