package io.penstock.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobError;
import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.ManualClock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A queue whose client's clock stands still until a test moves it; closes all of it. */
final class QueueRig implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    String name = "";
    ManualClock clock = new ManualClock();
    final Threads threads = new Threads(10);
    final Timer timer = new Timer(Clock.system(), threads);
    final Redis redis;
    QueueStore store;
    Queue queue;

    QueueRig(EmbeddedRedis server) {
        redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer);
        renew();
    }

    /** Another queue, on the same connection: a client of its own costs a test a third of a second. */
    void renew() {
        name = "rig" + NAMES.incrementAndGet();
        clock = new ManualClock();
        store = new QueueStore(redis, clock, name);
        queue = new Queue(store);
    }

    JobSpec spec(String payload, UnaryOperator<JobOptions> change) {
        return new JobSpec(name, "t", payload.getBytes(UTF_8), change.apply(JobOptions.NONE));
    }

    Enqueued enqueue(String payload, UnaryOperator<JobOptions> change) {
        return queue.enqueue(spec(payload, change));
    }

    JobId add(UnaryOperator<JobOptions> change) {
        return ((Enqueued.Accepted) enqueue("1", change)).id();
    }

    JobId add() {
        return add(o -> o);
    }

    Lease join() {
        return await(store.join(Duration.ofHours(1)));
    }

    List<LeasedJob> take(Lease lease, int most) {
        return await(store.take(lease, most, 1 << 20));
    }

    List<String> taken(Lease lease, int most) {
        return take(lease, most).stream()
                .map(job -> new String(job.payload(), UTF_8))
                .toList();
    }

    QueueReplies.Finished finish(Lease lease, Ending... endings) {
        return await(store.finish(lease, List.of(endings)));
    }

    Ending completed(LeasedJob job) {
        return Ending.completed(job, clock.millis(), clock.millis(), null);
    }

    Ending failed(LeasedJob job) {
        return Ending.failed(job, clock.millis(), clock.millis(), new JobError("boom", "it broke", null));
    }

    /** Takes one job and lets it end as a dead letter. */
    JobId die() {
        JobId id = add();
        Lease lease = join();
        finish(lease, failed(take(lease, 1).get(0)));
        return id;
    }

    Job job(JobId id) {
        return queue.get(id).orElseThrow();
    }

    <T> T await(CompletionStage<T> stage) {
        return redis.await(stage);
    }

    List<Object> command(String name, byte[] key, String... args) {
        Call call = new Call(128).key(key);
        for (String arg : args) {
            call.arg(arg);
        }
        return await(redis.command(name, call));
    }

    /** Lets the lease end now, as if its worker had been silent for long. */
    void expire(Lease lease) {
        command("ZADD", store.keys().leases, "XX", "1", lease.token());
    }

    int reclaimAll() {
        int moved = 0;
        for (int slice; (slice = await(store.reclaim(100))) > 0; ) {
            moved += slice;
        }
        return moved;
    }

    void assertSound() {
        assertThat(KeyInvariants.brokenIn(KeyDump.of(store))).isEmpty();
    }

    @Override
    public void close() {
        redis.close();
        timer.close();
        threads.close();
    }
}
