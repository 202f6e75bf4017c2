package io.penstock.server;

import io.penstock.job.Attempt;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.queue.Change;
import io.penstock.queue.JobEdit;
import io.penstock.queue.JobPage;
import io.penstock.queue.LeaseLostException;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueEvents;
import io.penstock.queue.QueueSettings;
import io.penstock.queue.QueueStats;
import io.penstock.queue.QueueStore;
import io.penstock.queue.WorkerView;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.redis.RedisException;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The one place where the server calls the library.
 *
 * <p>Threads: safe. Time: methods that return a value wait for Redis, at most its timeout.
 */
public final class Engine implements AutoCloseable {
    /** Runners of all workers and a handful of loops. */
    private static final int MOST_THREADS = 60_000;

    private final Clock clock = Clock.system();
    private final Threads threads = new Threads(MOST_THREADS);
    private final Timer timer = new Timer(clock, threads);
    private final Redis redis;
    private final QueueEvents events;
    private final Map<String, Queue> queues = new ConcurrentHashMap<>();
    private final QueueNames names;
    private final Rates rates = new Rates(clock);

    private Engine(RedisConfig config) {
        this.redis = connect(config, clock, timer, threads);
        this.events = new QueueEvents(redis, timer);
        this.names = new QueueNames(clock, () -> Queue.names(redis));
    }

    /**
     * Connects.
     *
     * @throws RedisException if Redis cannot be reached or does not let us in
     */
    public static Engine connect(RedisConfig config) {
        return new Engine(config);
    }

    private static Redis connect(RedisConfig config, Clock clock, Timer timer, Threads threads) {
        try {
            return Redis.connect(config, clock, timer);
        } catch (RuntimeException failed) {
            timer.close();
            threads.close();
            throw failed;
        }
    }

    Clock clock() {
        return clock;
    }

    Timer timer() {
        return timer;
    }

    Threads threads() {
        return threads;
    }

    QueueEvents events() {
        return events;
    }

    Redis redis() {
        return redis;
    }

    /** Returns the queue, known to Redis or not; the caller has checked the name. */
    private Queue of(String name) {
        return queues.computeIfAbsent(name, any -> new Queue(new QueueStore(redis, clock, any)));
    }

    QueueStore store(String name) {
        return of(name).store();
    }

    /** Returns the names of all queues, sorted. */
    List<String> queues() {
        return new ArrayList<>(names.all());
    }

    /** Tells whether a queue is known; what is not known is never asked for, so that made-up names cost nothing here. */
    boolean exists(String name) {
        return names.has(name);
    }

    Enqueued enqueue(JobSpec spec) {
        return known(spec.queue()).enqueue(spec);
    }

    CompletionStage<Enqueued> enqueueAsync(JobSpec spec) {
        return known(spec.queue()).enqueueAsync(spec);
    }

    <T> T await(CompletionStage<T> stage) {
        return redis.await(stage);
    }

    Optional<Job> job(JobId id) {
        return exists(id.queue()) ? of(id.queue()).get(id) : Optional.empty();
    }

    List<Attempt> attempts(JobId id) {
        return of(id.queue()).attempts(id);
    }

    List<String> logs(JobId id) {
        return of(id.queue()).logs(id);
    }

    /** What an operator wants of one job. */
    interface Wish {
        Change of(Queue queue, JobId id);
    }

    /** Does to a job what the wish says; null = there is no such queue. */
    Optional<Change> change(JobId id, Wish wish) {
        return exists(id.queue()) ? Optional.of(wish.of(of(id.queue()), id)) : Optional.empty();
    }

    Optional<Change> edit(JobId id, JobEdit edit) {
        return change(id, (queue, job) -> queue.edit(job, edit));
    }

    /** @throws Problem INVALID_VALUE if the cursor is none */
    JobPage list(String queue, JobState state, @Nullable String cursor, int limit) {
        if (!exists(queue)) {
            return new JobPage(List.of(), null);
        }
        try {
            return of(queue).list(state, cursor, limit);
        } catch (IllegalArgumentException foreign) {
            throw Cursor.broken();
        }
    }

    /**
     * A queue as it stands.
     *
     * @param throughputPerSecond jobs completed, over about the last minute of looking
     */
    record QueueView(QueueStats stats, double throughputPerSecond) {
        String status() {
            return stats.paused() ? "paused" : stats.draining() ? "draining" : "active";
        }
    }

    QueueView queue(String name) {
        QueueStats stats = of(name).stats();
        return new QueueView(stats, rates.perSecond(name, stats.completedTotal()));
    }

    QueueSettings settings(String name) {
        return of(name).settings();
    }

    void configure(String name, QueueSettings settings) {
        create(name);
        of(name).configure(settings);
    }

    /** Returns a queue for its first job as for any other. */
    private Queue known(String name) {
        if (!exists(name)) {
            create(name);
        }
        return of(name);
    }

    private void create(String name) {
        of(name).create();
        names.forget();
    }

    void pause(String name) {
        create(name);
        of(name).pause();
    }

    void resume(String name) {
        create(name);
        of(name).resume();
    }

    void drain(String name) {
        create(name);
        of(name).drain();
    }

    long purge(String name, JobState state) {
        return of(name).purge(state);
    }

    /** @throws Problem CONFLICT if workers hold leases and it is not forced */
    void delete(String name, boolean force) {
        try {
            of(name).delete(force);
        } catch (IllegalStateException held) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(held.getMessage()));
        } finally {
            queues.remove(name);
            names.forget();
        }
    }

    List<WorkerView> workers() {
        List<WorkerView> all = new ArrayList<>();
        for (String name : queues()) {
            all.addAll(of(name).workers());
        }
        return all;
    }

    boolean worked(String queue) {
        return !of(queue).workers().isEmpty();
    }

    /** Asks Redis whether it is there. */
    void ping() {
        redis.await(redis.command("PING", new Call(8)));
    }

    /** Returns what Redis says about itself, by key. */
    Map<String, String> redisInfo() {
        return RedisInfo.parse(Redis.text(redis.await(redis.command("INFO", new Call(16))).get(0)));
    }

    Set<String> queueNames() {
        return names.all();
    }

    /** Says in HTTP what went wrong in the library; INTERNAL when that is a fault of ours. */
    static Problem problem(Throwable failure) {
        if (failure instanceof RedisException.Full full) {
            return Problem.of(ProblemType.REDIS_FULL, String.valueOf(full.getMessage()));
        }
        if (failure instanceof RedisException.Unreachable unreachable) {
            return Problem.of(ProblemType.REDIS_UNREACHABLE, String.valueOf(unreachable.getMessage()));
        }
        if (failure instanceof LeaseLostException) {
            return Leases.lost();
        }
        return Problem.of(ProblemType.INTERNAL, "the server failed on this request; the log tells more under its id; try again, and report it if it stays");
    }

    /** Closes everything; workers and servers that use it are to be closed before. */
    @Override
    public void close() {
        events.close();
        redis.close();
        timer.close();
        threads.close();
    }
}
