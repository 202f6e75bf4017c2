package io.penstock.cache;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Two processes' worth of caches on one server; closes all of it. */
final class CacheRig implements AutoCloseable {
    record User(String name, int age) {}

    final Jvm here;
    final Jvm there;

    CacheRig(EmbeddedRedis server) {
        here = new Jvm(server);
        there = new Jvm(server);
    }

    /** What one JVM has. */
    static final class Jvm implements AutoCloseable {
        final Threads threads = new Threads(100);
        final Timer timer = new Timer(Clock.system(), threads);
        final Redis redis;
        final Caches caches;

        Jvm(EmbeddedRedis server) {
            redis = Redis.connect(new RedisConfig(server.uri(), Duration.ofSeconds(2)), Clock.system(), timer);
            caches = new Caches(redis, timer, threads);
        }

        Cache<User> users(UnaryOperator<CacheConfig> how) {
            return caches.open("users", User.class, how.apply(CacheConfig.DEFAULT));
        }

        List<Object> command(String command, String... args) {
            Call call = new Call(128);
            for (String arg : args) {
                call.arg(arg);
            }
            return redis.await(redis.command(command, call));
        }

        /** As if the machine had been unplugged: nothing is given back. */
        void die() {
            redis.close();
        }

        @Override
        public void close() {
            caches.close();
            redis.close();
            timer.close();
            threads.close();
        }
    }

    interface Caller<T> {
        T call(int n) throws Exception;
    }

    /** Calls from so many threads at once. */
    static <T> List<T> together(int callers, Caller<T> caller) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(callers);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int n = i;
                futures.add(pool.submit(() -> {
                    go.await();
                    return caller.call(n);
                }));
            }
            go.countDown();
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Override
    public void close() {
        here.close();
        there.close();
    }
}
