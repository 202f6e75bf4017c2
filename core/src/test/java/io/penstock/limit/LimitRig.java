package io.penstock.limit;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Two processes' worth of limits on one server; closes all of it. */
final class LimitRig implements AutoCloseable {
    private static final AtomicInteger NAMES = new AtomicInteger();

    final String name =
            "rig" + NAMES.incrementAndGet() + "-" + ProcessHandle.current().pid();
    private final Threads threads = new Threads(10);
    private final Timer timer = new Timer(Clock.system(), threads);
    final Redis redis;
    private final Redis otherRedis;
    final Limits here;
    final Limits there;

    LimitRig(EmbeddedRedis server) {
        RedisConfig config = new RedisConfig(server.uri(), Duration.ofSeconds(5));
        redis = Redis.connect(config, Clock.system(), timer);
        otherRedis = Redis.connect(config, Clock.system(), timer);
        here = new Limits(redis, Clock.system());
        there = new Limits(otherRedis, Clock.system());
    }

    Limit define(Limit limit) {
        here.define(limit);
        there.define(limit);
        return limit;
    }

    Limits process(int n) {
        return n % 2 == 0 ? here : there;
    }

    Answer ask(long permits) {
        return here.acquire(name, "k", permits);
    }

    Answer.Allowed allowed(Limits process) {
        return (Answer.Allowed) process.acquire(name, "k", 1);
    }

    List<Object> command(String command, byte[] key, String... args) {
        Call call = new Call(128).key(key);
        for (String arg : args) {
            call.arg(arg);
        }
        return redis.await(redis.command(command, call));
    }

    long bytes(byte[] key) {
        return (Long) redis.await(redis.command(
                        "MEMORY",
                        new Call(128).arg("USAGE").arg(key).arg("SAMPLES").arg("0")))
                .get(0);
    }

    boolean exists(byte[] key) {
        return (Long) command("EXISTS", key).get(0) == 1;
    }

    @Override
    public void close() {
        redis.close();
        otherRedis.close();
        timer.close();
        threads.close();
    }
}
