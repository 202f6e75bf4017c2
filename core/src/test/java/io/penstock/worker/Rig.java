package io.penstock.worker;

import static org.awaitility.Awaitility.await;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.job.JobType;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueEvents;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.schedule.Beat;
import io.penstock.schedule.Promoter;
import io.penstock.schedule.Reclaimer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A queue of its own on the shared server, with a promoter and whatever workers a test starts; closes all of it. */
final class Rig implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    final String name = "q" + NAMES.incrementAndGet();
    final Threads threads = new Threads(2_000);
    final Timer timer = new Timer(Clock.system(), threads);
    final Redis redis;
    final QueueStore store;
    final Queue queue;
    final QueueEvents events;
    final Handlers handlers = new Handlers();
    private final Promoter promoter;
    private final List<AutoCloseable> owned = new ArrayList<>();

    Rig(EmbeddedRedis server) {
        redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer);
        store = new QueueStore(redis, Clock.system(), name);
        queue = new Queue(store);
        queue.create();
        events = new QueueEvents(redis, timer);
        promoter = new Promoter(store, new Beat(timer, "promote"));
        promoter.start();
        owned.add(promoter);
    }

    <P> JobType<P> type(String type, Class<P> payload) {
        return JobType.of(type, payload).queue(name);
    }

    /** A type whose payload does not matter. */
    JobType<Integer> type(String type) {
        return type(type, Integer.class);
    }

    Worker worker(UnaryOperator<WorkerConfig> change) {
        WorkerConfig config = change.apply(WorkerConfig.named("w" + (owned.size() + 1)));
        Worker worker = new Worker(config, handlers, List.of(store), events, timer, threads);
        owned.add(worker);
        return worker.upkeep(new Worker.Upkeep() {
            @Override
            public void delayed(String delayedQueue, Duration shortest) {
                promoter.dueWithin(shortest);
            }
        });
    }

    Worker start(UnaryOperator<WorkerConfig> change) {
        Worker worker = worker(change);
        worker.start();
        return worker;
    }

    Worker start(int concurrency) {
        return start(config -> config.concurrency(concurrency));
    }

    /** For tests that let leases end. */
    void startReclaimer(Duration leaseLength) {
        Reclaimer reclaimer = new Reclaimer(store, new Beat(timer, "reclaim"), redis::connectedFor, leaseLength);
        reclaimer.start();
        owned.add(reclaimer);
    }

    <P> JobId enqueue(JobType<P> type, P payload, UnaryOperator<JobOptions> change) {
        return enqueue(type.spec(payload, change));
    }

    JobId enqueue(JobType<Integer> type) {
        return enqueue(type.spec(1));
    }

    JobId enqueue(JobSpec spec) {
        return ((Enqueued.Accepted) queue.enqueue(spec)).id();
    }

    Job job(JobId id) {
        return queue.get(id).orElseThrow();
    }

    Job awaitState(JobId id, JobState state) {
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> queue.get(id).map(Job::state).orElse(null) == state);
        return job(id);
    }

    /** Takes all leases of the queue away, as an operator's mistake or a reclaim elsewhere would. */
    void dropLeases() {
        redis.await(redis.command("DEL", new Call(64).key(Redis.utf8("pk:{" + name + "}:l"))));
    }

    /** Lets all leases of the queue end now, as if their workers had been silent for long. */
    void expireLeases() {
        byte[] key = Redis.utf8("pk:{" + name + "}:l");
        for (Object token :
                redis.await(redis.command("ZRANGE", new Call(64).key(key).arg(0).arg(-1)))) {
            redis.await(
                    redis.command("ZADD", new Call(64).key(key).arg("XX").arg(1).arg((byte[]) token)));
        }
    }

    @Override
    public void close() {
        for (int i = owned.size() - 1; i >= 0; i--) {
            try {
                owned.get(i).close();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }
        try {
            events.close();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
        redis.close();
        timer.close();
        threads.close();
    }
}
