package io.penstock.schedule;

import io.penstock.job.Enqueued;
import io.penstock.job.Job;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One process's worth of schedules: its own connection, queues and timer, and a clock that all rigs of a test share. */
final class SchedulesRig implements AutoCloseable {
    final Redis redis;
    final Schedules schedules;
    final AtomicLong now;
    private final Threads threads = new Threads(20);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final Map<String, Queue> queues = new ConcurrentHashMap<>();

    /** What the producer does instead of answering. */
    enum Fate {
        NONE,
        DIE_BEFORE_ENQUEUE,
        DIE_AFTER_ENQUEUE,
        REFUSE
    }

    volatile Fate fate = Fate.NONE;

    static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** @param now null = by the clock of Redis */
    SchedulesRig(String uri, @Nullable AtomicLong now) {
        this.redis = Redis.connect(new RedisConfig(uri, Duration.ofSeconds(5)), Clock.system(), timer);
        this.now = now == null ? new AtomicLong() : now;
        this.schedules = Schedules.of(redis, this.now::get, timer, threads, this::produce, this::queue);
    }

    Queue queue(String name) {
        return queues.computeIfAbsent(name, any -> new Queue(new QueueStore(redis, Clock.system(), any)));
    }

    private CompletionStage<Enqueued> produce(JobSpec spec) {
        switch (fate) {
            case DIE_BEFORE_ENQUEUE -> throw new Died();
            case DIE_AFTER_ENQUEUE -> {
                redis.await(queue(spec.queue()).enqueueAsync(spec));
                throw new Died();
            }
            case REFUSE -> {
                return CompletableFuture.completedFuture(
                        new Enqueued.Refused(Enqueued.Reason.QUEUE_FULL, Duration.ofSeconds(3), "full for a test"));
            }
            default -> {
                return queue(spec.queue()).enqueueAsync(spec);
            }
        }
    }

    void at(Instant instant) {
        now.set(instant.toEpochMilli());
    }

    Instant now() {
        return Instant.ofEpochMilli(now.get());
    }

    void advance(Duration span) {
        now.addAndGet(span.toMillis());
    }

    /** Goes on to each moment when something is due, up to the end, and fires it; returns how many jobs were enqueued. */
    int runUntil(Instant end) {
        int fired = schedules.round();
        while (true) {
            List<Object> first = command("ZRANGE", "due", "0", "0", "WITHSCORES");
            long due = first.isEmpty() ? Long.MAX_VALUE : (long) Double.parseDouble(Redis.text(first.get(1)));
            if (due > end.toEpochMilli()) {
                at(end);
                return fired + schedules.round();
            }
            now.set(Math.max(now.get(), due));
            fired += schedules.round();
        }
    }

    List<Object> command(String name, String key, String... args) {
        Call call = new Call(128).key(Redis.utf8("pk:schedule:{all}:" + key));
        for (String arg : args) {
            call.arg(arg);
        }
        return redis.await(redis.command(name, call));
    }

    /** The runs for which a queue has a job, in the order of their instants. */
    List<Instant> enqueued(String queue) {
        List<Instant> runs = new ArrayList<>();
        String cursor = null;
        do {
            var page = queue(queue).list(JobState.WAITING, cursor, 500);
            page.jobs()
                    .forEach(job ->
                            runs.add(Instant.parse(job.options().metadata().get("run"))));
            cursor = page.next();
        } while (cursor != null);
        runs.sort(null);
        return runs;
    }

    List<Job> waiting(String queue) {
        return queue(queue).list(JobState.WAITING, null, 500).jobs();
    }

    long commands() {
        String stats = Redis.text(
                redis.await(redis.command("INFO", new Call(32).arg("stats"))).get(0));
        return stats.lines()
                .filter(line -> line.startsWith("total_commands_processed:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
    }

    @Override
    public void close() {
        schedules.close();
        redis.close();
        timer.close();
        threads.close();
    }
}
