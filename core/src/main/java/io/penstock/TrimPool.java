package io.penstock;

import io.penstock.memory.optimise.Step;
import io.penstock.redis.RedisPool;

/** Closes dedicated connections that nobody uses: each has a socket and buffers here and in Redis. */
record TrimPool(RedisPool pool) implements Step {
    @Override
    public String name() {
        return "trim-redis-pool";
    }

    @Override
    public Kind kind() {
        return Kind.POOLS;
    }

    @Override
    public long run(double share) {
        return pool.trim(share) == 0 ? 0 : UNKNOWN;
    }
}
