package io.penstock.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.job.Job;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.job.JobState;
import io.penstock.payload.PayloadCodec;
import io.penstock.queue.JobPage;
import io.penstock.queue.Queue;
import io.penstock.queue.QueueStore;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** One process on a Redis: its queues, its timer and its threads, without workers. */
final class Bench implements QueueAccess, AutoCloseable {
    private final Threads threads = new Threads(50);
    private final Timer timer = new Timer(Clock.system(), threads);
    private final Map<String, Queue> queues = new ConcurrentHashMap<>();
    PayloadCodec payloads = PayloadCodec.PLAIN;
    final Redis redis;

    Bench(EmbeddedRedis server) {
        this(server.uri());
    }

    Bench(String uri) {
        redis = Redis.connect(RedisConfig.of(uri), Clock.system(), timer);
    }

    @Override
    public Queue queue(String name) {
        return queues.computeIfAbsent(name, any -> {
            QueueStore store = new QueueStore(redis, Clock.system(), any);
            store.payloads(payloads);
            return new Queue(store);
        });
    }

    @Override
    public Timer timer() {
        return timer;
    }

    @Override
    public Threads threads() {
        return threads;
    }

    static JobSpec spec(String queue, int n, UnaryOperator<JobOptions> how) {
        return new JobSpec(queue, "t", Integer.toString(n).getBytes(UTF_8), how.apply(JobOptions.NONE));
    }

    static List<JobSpec> specs(String queue, int from, int to) {
        return IntStream.range(from, to).mapToObj(n -> spec(queue, n, o -> o)).toList();
    }

    /** What waits in a queue, in order. */
    List<Integer> waiting(String queue) {
        List<Integer> all = new ArrayList<>();
        String cursor = null;
        do {
            JobPage page = queue(queue).list(JobState.WAITING, cursor, 500);
            for (Job job : page.jobs()) {
                all.add(Integer.parseInt(new String(queue(queue).open(job), UTF_8)));
            }
            cursor = page.next();
        } while (cursor != null);
        return all;
    }

    interface Write {
        void in(Connection connection) throws SQLException;
    }

    static void transaction(DataSource source, Write write) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            write.in(connection);
            connection.commit();
        }
    }

    @Override
    public void close() {
        redis.close();
        timer.close();
        threads.close();
    }
}
