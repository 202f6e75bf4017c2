package io.penstock.server;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.embedded.EmbeddedRedisException;
import io.penstock.runtime.Outage;
import io.penstock.runtime.Service;
import io.penstock.runtime.Task;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the embedded Redis again when its process has ended by itself, such as by the kernel's OOM killer.
 *
 * <p>It comes back at the same address with every job: what Redis has acknowledged is in the kernel's hands, so the death
 * of its process alone loses none. Threads: one while it is being started, 60 s at most. One that does not come back is
 * tried again every ten seconds.
 */
final class RedisKeeper extends Service {
    private static final Logger LOG = LoggerFactory.getLogger(RedisKeeper.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final EmbeddedRedis redis;
    private final Timer timer;
    private final Threads threads;
    private final Outage outage;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile @Nullable Task task;

    RedisKeeper(EmbeddedRedis redis, Timer timer, Threads threads) {
        this.redis = redis;
        this.timer = timer;
        this.threads = threads;
        this.outage = new Outage(LOG, timer.clock(), "starting the embedded redis again");
    }

    @Override
    protected void onStart() {
        task = timer.every("embedded-redis", LOOK, this::look);
    }

    private void look() {
        if (!redis.isAlive() && busy.compareAndSet(false, true)) {
            LOG.error("embedded redis pid={} has ended by itself; it is started again on its data", redis.pid());
            try {
                threads.start("embedded-redis", this::revive);
            } catch (RuntimeException noThread) {
                busy.set(false);
                throw noThread;
            }
        }
    }

    private void revive() {
        try {
            redis.restart();
            outage.worked();
            LOG.info("embedded redis runs again, pid={}", redis.pid());
        } catch (EmbeddedRedisException failed) {
            outage.failed(failed);
            Task looking = task;
            if (looking != null) {
                looking.reschedule(AGAIN);
            }
        } finally {
            busy.set(false);
        }
    }

    @Override
    protected void onStop() {
        Task looking = task;
        if (looking != null) {
            looking.close();
        }
    }
}
