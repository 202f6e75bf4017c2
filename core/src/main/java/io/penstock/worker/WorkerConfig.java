package io.penstock.worker;

import java.time.Duration;

/**
 * How a worker works.
 *
 * @param name shown to operators, 1 to 100 characters
 * @param concurrency jobs that run at once, 1 to {@value #MOST_CONCURRENCY}; can be changed while it runs
 * @param leaseLength how long Redis waits for a worker that fell silent before others get its jobs, 1 s to 1 h
 * @param shutdownTimeout how long a stop waits for running jobs before it interrupts them, 0 to 1 h
 * @param abandonAfter how long a handler may ignore its interrupt before its slot is given to another thread
 * @param maxBytesInHand bytes of jobs and unsent results held at once, from 64 KiB
 * @param virtualThreads whether handlers run on virtual threads; needs Java 21
 */
public record WorkerConfig(
        String name,
        int concurrency,
        Duration leaseLength,
        Duration shutdownTimeout,
        Duration abandonAfter,
        long maxBytesInHand,
        boolean virtualThreads) {
    /** More jobs at once than one process has ever held usefully; each costs a thread. */
    public static final int MOST_CONCURRENCY = 50_000;

    /** 30 s = 6 renewals: survives a long collection or a failover (asynq and Sidekiq choose the same order). */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

    /** 25 s leaves 5 of the 30 s that Kubernetes and systemd grant by default. */
    public static final Duration DEFAULT_SHUTDOWN = Duration.ofSeconds(25);

    /** 10 s: a handler that cleans up after its interrupt needs less, one that ignores it never ends. */
    public static final Duration DEFAULT_ABANDON = Duration.ofSeconds(10);

    /** 8 MiB: 32 payloads of the largest size, 8,000 of 1 KiB. */
    public static final long DEFAULT_BYTES = 8L << 20;

    public WorkerConfig {
        check(!name.isEmpty() && name.length() <= 100, "worker.name", name, "1 to 100 characters");
        check(concurrency >= 1 && concurrency <= MOST_CONCURRENCY, "worker.concurrency", concurrency, "1 to 50000");
        between("worker.leaseLength", leaseLength, Duration.ofSeconds(1), Duration.ofHours(1));
        between("worker.shutdownTimeout", shutdownTimeout, Duration.ZERO, Duration.ofHours(1));
        between("worker.abandonAfter", abandonAfter, Duration.ofMillis(100), Duration.ofHours(1));
        check(maxBytesInHand >= 64 << 10, "worker.maxBytesInHand", maxBytesInHand, "at least 65536");
    }

    /** The defaults under this name. */
    public static WorkerConfig named(String name) {
        return new WorkerConfig(
                name,
                10, // the concurrency that most peers start with
                DEFAULT_LEASE,
                DEFAULT_SHUTDOWN,
                DEFAULT_ABANDON,
                DEFAULT_BYTES,
                io.penstock.runtime.Threads.virtualAvailable());
    }

    private static void between(String key, Duration value, Duration least, Duration most) {
        check(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, key, value, least + " to " + most);
    }

    private static void check(boolean legal, String key, Object value, String range) {
        if (!legal) {
            throw new IllegalArgumentException(
                    key + " " + value + " is out of range: it must be " + range + "; nothing was started");
        }
    }

    /** Returns this with another concurrency. */
    public WorkerConfig concurrency(int jobs) {
        return new WorkerConfig(name, jobs, leaseLength, shutdownTimeout, abandonAfter, maxBytesInHand, virtualThreads);
    }

    /** Returns this with another lease. */
    public WorkerConfig leaseLength(Duration length) {
        return new WorkerConfig(
                name, concurrency, length, shutdownTimeout, abandonAfter, maxBytesInHand, virtualThreads);
    }

    /** Returns this with another wait for running jobs when it stops. */
    public WorkerConfig shutdownTimeout(Duration wait) {
        return new WorkerConfig(name, concurrency, leaseLength, wait, abandonAfter, maxBytesInHand, virtualThreads);
    }

    /** Returns this with another patience for handlers that ignore their interrupt. */
    public WorkerConfig abandonAfter(Duration wait) {
        return new WorkerConfig(name, concurrency, leaseLength, shutdownTimeout, wait, maxBytesInHand, virtualThreads);
    }

    /** Returns this with another limit on bytes. */
    public WorkerConfig maxBytesInHand(long bytes) {
        return new WorkerConfig(name, concurrency, leaseLength, shutdownTimeout, abandonAfter, bytes, virtualThreads);
    }

    /** Returns this with handlers on virtual threads or not. */
    public WorkerConfig virtualThreads(boolean virtual) {
        return new WorkerConfig(name, concurrency, leaseLength, shutdownTimeout, abandonAfter, maxBytesInHand, virtual);
    }
}
