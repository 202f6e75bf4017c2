package io.penstock.redis;

import java.time.Instant;
import java.util.List;

/**
 * Who holds a connection of a {@link RedisPool}.
 *
 * @param name as the holder called itself
 * @param thread which asked for it
 * @param stack of the acquire, empty unless {@link PoolConfig#leakStacks}
 */
public record PoolHolder(String name, String thread, Instant since, long heldMillis, List<StackTraceElement> stack) {
    public PoolHolder {
        stack = List.copyOf(stack);
    }
}
