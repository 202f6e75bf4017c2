package io.penstock.server.engine;

import io.penstock.runtime.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queues that Redis knows, asked at most a few times a second however many requests name one.
 *
 * <p>Threads: safe.
 */
final class QueueNames {
    /** A queue that another process deletes is taken for there this long. */
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    /** A queue that another process makes is missed this long, which is what a flood of made-up names can cost. */
    private static final long MISS_NANOS = Duration.ofMillis(100).toNanos();

    private final Clock clock;
    private final Supplier<Set<String>> source;
    private final AtomicInteger forgotten = new AtomicInteger();
    private volatile @Nullable Known known;

    private record Known(Set<String> names, long sinceNanos) {}

    QueueNames(Clock clock, Supplier<Set<String>> source) {
        this.clock = clock;
        this.source = source;
    }

    Set<String> all() {
        return known(MISS_NANOS).names();
    }

    boolean has(String name) {
        return known(FRESH_NANOS).names().contains(name)
                || known(MISS_NANOS).names().contains(name);
    }

    private Known known(long freshNanos) {
        Known now = known;
        if (now == null || clock.nanos() - now.sinceNanos() > freshNanos) {
            int before = forgotten.get();
            now = new Known(source.get(), clock.nanos());
            if (before == forgotten.get()) { // else it was asked for before that queue was made
                known = now;
            }
        }
        return now;
    }

    /** A queue was made or deleted here. */
    void forget() {
        forgotten.incrementAndGet();
        known = null;
    }
}
