package io.penstock.redis;

import io.penstock.runtime.Health;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link RedisHealth} saw at its last look that was answered, with the health it settled on.
 *
 * @param lookedAt null before the first answer: the numbers are 0 then
 * @param maxMemoryBytes 0 = no limit
 * @param evictedKeys since the server started; {@code evictedSinceLast} since the look before
 * @param role {@code master} or {@code slave}, as the server says
 * @param persistence {@code ok}, {@code off}, or what failed: {@code aof write}, {@code rdb save}
 * @param slowSinceLast commands above the server's slowlog threshold since the look before
 * @param slowest the slowest of the newest of them, at most {@value RedisHealth#SLOWEST_SHOWN}
 */
public record RedisStatus(
        Health health,
        LatencyStats latency,
        @Nullable Instant lookedAt,
        long usedMemoryBytes,
        long maxMemoryBytes,
        long evictedKeys,
        long evictedSinceLast,
        String role,
        boolean primaryLinkUp,
        int replicas,
        String persistence,
        long connectedClients,
        long slowSinceLast,
        List<SlowCommand> slowest) {
    public RedisStatus {
        slowest = List.copyOf(slowest);
    }

    RedisStatus with(Health newHealth, LatencyStats newLatency) {
        return new RedisStatus(
                newHealth,
                newLatency,
                lookedAt,
                usedMemoryBytes,
                maxMemoryBytes,
                evictedKeys,
                evictedSinceLast,
                role,
                primaryLinkUp,
                replicas,
                persistence,
                connectedClients,
                slowSinceLast,
                slowest);
    }

    /**
     * A command that took long on the server.
     *
     * @param text its first arguments, at most {@value RedisHealth#COMMAND_CHARS} characters, values included
     */
    public record SlowCommand(long id, Instant at, long micros, String text) {}
}
