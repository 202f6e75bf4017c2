package io.penstock;

import io.penstock.memory.MemoryPolicy;
import io.penstock.memory.admission.LoadLineConfig;
import io.penstock.monitor.MonitorConfig;
import io.penstock.payload.PayloadConfig;
import io.penstock.redis.PoolConfig;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.worker.WorkerConfig;

/**
 * How one Penstock is set up.
 *
 * @param worker the worker that {@link Penstock#start} makes for the queues of all handled types
 * @param memory how memory is watched and freed
 * @param loadLine how much memory the jobs of this process may need at once
 * @param pool how many dedicated connections {@link Penstock#redisPool} may hold; none before the first use
 * @param monitor what is measured, and what it may weigh
 * @param payloads whether payloads are compressed, encrypted or kept elsewhere
 * @param clock what watching goes by: monitoring, alert rules, the daily clean-up. Leases, deadlines, timeouts and the
 *     governor go by the machine's whatever this is, and due times by that of Redis; a soak passes {@link Clock#faster}
 * @param readOnly whether a Redis that could lose jobs (an eviction policy) may be opened, to look and not to work
 */
public record PenstockConfig(
        RedisConfig redis,
        WorkerConfig worker,
        MemoryPolicy memory,
        LoadLineConfig loadLine,
        PoolConfig pool,
        MonitorConfig monitor,
        PayloadConfig payloads,
        Clock clock,
        boolean readOnly) {
    /** The defaults for this Redis. */
    public static PenstockConfig of(String redisUri) {
        String pid = Long.toString(ProcessHandle.current().pid());
        return new PenstockConfig(
                RedisConfig.of(redisUri),
                WorkerConfig.named("worker-" + pid),
                MemoryPolicy.DEFAULT,
                LoadLineConfig.DEFAULT,
                PoolConfig.DEFAULT,
                MonitorConfig.DEFAULT,
                PayloadConfig.PLAIN,
                Clock.system(),
                false);
    }

    /** Returns this with another worker. */
    public PenstockConfig worker(WorkerConfig other) {
        return new PenstockConfig(redis, other, memory, loadLine, pool, monitor, payloads, clock, readOnly);
    }

    /** Returns this with other settings of the governor. */
    public PenstockConfig memory(MemoryPolicy other) {
        return new PenstockConfig(redis, worker, other, loadLine, pool, monitor, payloads, clock, readOnly);
    }

    /** Returns this with another way of admitting work. */
    public PenstockConfig loadLine(LoadLineConfig other) {
        return new PenstockConfig(redis, worker, memory, other, pool, monitor, payloads, clock, readOnly);
    }

    /** Returns this with other dedicated connections. */
    public PenstockConfig pool(PoolConfig other) {
        return new PenstockConfig(redis, worker, memory, loadLine, other, monitor, payloads, clock, readOnly);
    }

    /** Returns this with other things measured. */
    public PenstockConfig monitor(MonitorConfig other) {
        return new PenstockConfig(redis, worker, memory, loadLine, pool, other, payloads, clock, readOnly);
    }

    /** Returns this with payloads that are compressed, encrypted or kept elsewhere. */
    public PenstockConfig payloads(PayloadConfig other) {
        return new PenstockConfig(redis, worker, memory, loadLine, pool, monitor, other, clock, readOnly);
    }

    /** Returns this with watching that goes by another clock. */
    public PenstockConfig clock(Clock other) {
        return new PenstockConfig(redis, worker, memory, loadLine, pool, monitor, payloads, other, readOnly);
    }

    /** Returns this with another number of jobs at once. */
    public PenstockConfig concurrency(int jobs) {
        return worker(worker.concurrency(jobs));
    }

    /** Returns this with another way to Redis. */
    public PenstockConfig redis(RedisConfig other) {
        return new PenstockConfig(other, worker, memory, loadLine, pool, monitor, payloads, clock, readOnly);
    }

    /** Returns this for looking only. */
    public PenstockConfig lookOnly() {
        return new PenstockConfig(redis, worker, memory, loadLine, pool, monitor, payloads, clock, true);
    }
}
