package io.penstock.redis;

import io.penstock.runtime.Task;
import io.penstock.runtime.Timer;
import java.time.Duration;

/**
 * How much memory Redis uses of what it may, as of the last half minute.
 *
 * <p>Threads: safe. Time: one command each 30 s, nobody waits for it. A server that does not answer keeps its last figures.
 */
public final class MemoryGauge implements AutoCloseable {
    /** The server has not said. */
    public static final long UNKNOWN = -1;

    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final Redis redis;
    private final Task task;
    private volatile long used = UNKNOWN;
    private volatile long max = UNKNOWN;

    /** Asks now and then again and again until it is closed. */
    public MemoryGauge(Redis redis, Timer timer) {
        this.redis = redis;
        task = timer.every("redis-memory", PERIOD, this::ask);
        ask();
    }

    private void ask() {
        redis.command("INFO", new Call(16).arg("memory")).whenComplete((reply, error) -> {
            if (error == null) {
                Redis.text(reply.get(0)).lines().forEach(this::read);
            }
        });
    }

    private void read(String line) {
        if (line.startsWith("used_memory:")) {
            used = number(line);
        } else if (line.startsWith("maxmemory:")) {
            long limit = number(line);
            max = limit == 0 ? UNKNOWN : limit;
        }
    }

    private static long number(String line) {
        return Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
    }

    /** Returns the bytes that Redis uses, or {@link #UNKNOWN}. */
    public long usedBytes() {
        return used;
    }

    /** Returns the bytes that Redis may use, or {@link #UNKNOWN} if it has no limit or has not said. */
    public long maxBytes() {
        return max;
    }

    @Override
    public void close() {
        task.close();
    }
}
